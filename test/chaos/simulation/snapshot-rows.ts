import * as z from "zod";
import { StepResult } from "../../../src/contract/step-results.ts";
import { TurnMode } from "../../../src/contract/turns.ts";
import { stepPurposes, type TurnPlan } from "../../../src/domain/plan/plan.ts";

// Schedules stay far below 2^53 units.
const units = z.int().transform(BigInt);

const Step = z.object({
  id: z.string(),
  turn_id: z.string(),
  step_index: z.number(),
  purpose: z.enum(stepPurposes),
  agent_key: z.string(),
  round: z.number(),
  status: z.string(),
  sees: z.array(z.number()),
  instruction: z.string().nullable(),
  prompt_bound: z.number().nullable(),
  result: StepResult.nullable(),
  flags: z.array(z.string()),
  token: z.number(),
  lost_attempts: z.number(),
});

// Only the product writes plans, and it makes them of this type.
const Plan = z.custom<TurnPlan>((value) => typeof value === "object" && value !== null);

const Turn = z.object({
  id: z.string(),
  session_id: z.string(),
  turn_index: z.number(),
  mode: TurnMode,
  status: z.string(),
  is_active: z.boolean(),
  metadata: z.record(z.string(), z.unknown()),
  plan: Plan,
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
  pending_steps: z.number(),
  total_steps: z.number(),
  failed_steps: z.number(),
  last_seq: z.number(),
});

const Message = z.object({
  id: z.string(),
  session_id: z.string(),
  turn_id: z.string(),
  turn_index: z.number(),
  position: z.number(),
  author: z.string(),
  text: z.string(),
  is_in_history: z.boolean(),
  created_at: z.string(),
});
const Event = z.object({
  turn_id: z.string(),
  seq: z.number(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  created_at: z.string(),
});
const LedgerRow = z.object({
  id: z.string(),
  step_id: z.string(),
  attempt: z.number(),
  ordinal: z.number(),
  status: z.string(),
  request_id: z.string().nullable(),
  credit_units: units,
  charged_units: units,
});

const Hold = z.object({ step_id: z.string(), units, charged_units: units, is_open: z.boolean() });
const Delivery = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  turn_id: z.string().nullable(),
  seq: z.number().nullable(),
  type: z.string(),
  status: z.string(),
});

const Place = z.object({ turn_index: z.number(), position: z.number(), offset: z.number() });
const Items = z.object({ decisions: z.array(z.object({ id: z.string() })) });
const Summary = z.object({
  id: z.string(),
  session_id: z.string(),
  version: z.number(),
  step_id: z.string().nullable(),
  through_turn_index: z.number(),
  cursor: Place.nullable(),
  text: z.string(),
  items: Items,
  rendered: z.string(),
  is_fallback: z.boolean(),
});
const Entry = z.object({
  id: z.string(),
  session_id: z.string(),
  kind: z.string(),
  text: z.string(),
  status: z.string(),
  source_message_ids: z.array(z.string()),
});

const Piece = z.object({ messageId: z.string(), from: z.number(), to: z.number() });
const Audit = z.object({
  turn_id: z.string(),
  step_index: z.number(),
  /** The token of the claim; 0: the turn was refused before any. */
  attempt: z.number(),
  created_at: z.string(),
  audit: z.object({
    summaryId: z.string().nullable(),
    includedMessageIds: z.array(z.string()),
    cuts: z.array(z.object({ messageId: z.string(), rule: z.string(), keptCharacters: z.number().optional() })),
    ranges: z.array(z.object({ rule: z.string(), fromTurnIndex: z.number(), throughTurnIndex: z.number() })),
    chunk: z.object({ pieces: z.array(Piece) }).optional(),
    promptHash: z.string().nullable(),
  }),
});

const Account = z.object({ kind: z.string(), balance_units: units });
const Mismatch = z.object({ what: z.string(), expected: z.coerce.string(), found: z.coerce.string() });

/** All rows of one user, in order. */
export const Snapshot = z.object({
  sessions: z.array(z.object({ id: z.string(), turn_count: z.number() })),
  turns: z.array(Turn),
  steps: z.array(Step),
  messages: z.array(Message),
  events: z.array(Event),
  audits: z.array(Audit),
  summaries: z.array(Summary),
  entries: z.array(Entry),
  ledger: z.array(LedgerRow),
  holds: z.array(Hold),
  accounts: z.array(Account),
  mismatches: z.array(Mismatch),
  endpoints: z.array(z.object({ id: z.string(), events: z.array(z.string()) })),
  deliveries: z.array(Delivery),
  low_crossings: z.number(),
  outbox: z.array(z.object({ target_id: z.string(), turn_id: z.string() })),
  stuck: z.array(z.object({ id: z.string() })),
  findings: z.array(z.object({ finding: z.string(), subject: z.string() })),
});
export type Snapshot = z.infer<typeof Snapshot>;
export type TurnRow = Snapshot["turns"][number];
export type StepRow = Snapshot["steps"][number];
export type MessageRow = Snapshot["messages"][number];
export type SummaryRow = Snapshot["summaries"][number];
