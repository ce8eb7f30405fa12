import * as z from "zod";
import { lowBalanceUnits } from "../../../src/domain/money/low-balance.ts";
import type { ChaosDatabase } from "./chaos-database.ts";

// Schedules stay far below 2^53 units.
const units = z.int().transform(BigInt);

const Step = z.object({
  id: z.string(),
  turn_id: z.string(),
  step_index: z.number(),
  agent_key: z.string(),
  status: z.string(),
  sees: z.array(z.number()),
  token: z.number(),
  lost_attempts: z.number(),
});

const Turn = z.object({
  id: z.string(),
  session_id: z.string(),
  turn_index: z.number(),
  status: z.string(),
  is_active: z.boolean(),
  metadata: z.record(z.string(), z.unknown()),
  plan: z.object({ agents: z.array(z.object({ key: z.string(), role_prompt: z.string() })) }),
  pending_steps: z.number(),
  total_steps: z.number(),
  failed_steps: z.number(),
  last_seq: z.number(),
});

const Message = z.object({ turn_id: z.string(), position: z.number(), author: z.string(), text: z.string() });
const Event = z.object({
  turn_id: z.string(),
  seq: z.number(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const LedgerRow = z.object({
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
const Account = z.object({ kind: z.string(), balance_units: units });
const Mismatch = z.object({ what: z.string(), expected: z.coerce.string(), found: z.coerce.string() });

/** All rows of one user, in order. */
export const Snapshot = z.object({
  sessions: z.array(z.object({ id: z.string(), turn_count: z.number() })),
  turns: z.array(Turn),
  steps: z.array(Step),
  messages: z.array(Message),
  events: z.array(Event),
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

const rowsOf = (table: string, order: string) =>
  `(select coalesce(jsonb_agg(to_jsonb(r) order by ${order}), '[]') from ${table} r where r.owner_id = $1)`;

/** How often a charge took the user's money below five credits, by the ledger in the order that it was written in. */
const lowCrossings = `(select count(*) from (
  select sum(o.units) over (order by o.place) as money, o.units, o.reason
  from (select min(l.ctid) as place, min(l.reason) as reason, sum(l.amount_units) as units from ledger_entries l
    where l.owner_id = $1 and l.account_kind in ('wallet', 'held') group by l.operation_key) as o) as moved
  where reason = 'settle' and money < ${lowBalanceUnits} and money - units >= ${lowBalanceUnits})`;

const statement = `select jsonb_build_object(
  'sessions', ${rowsOf("sessions", "r.id")},
  'turns', ${rowsOf("turns", "r.session_id, r.turn_index")},
  'steps', ${rowsOf("turn_steps", "r.turn_id, r.step_index")},
  'messages', ${rowsOf("messages", "r.turn_id, r.position")},
  'events', ${rowsOf("turn_events", "r.turn_id, r.seq")},
  'ledger', ${rowsOf("llm_call_events", "r.step_id, r.attempt, r.ordinal")},
  'holds', ${rowsOf("holds", "r.step_id")},
  'accounts', ${rowsOf("accounts", "r.kind")},
  'endpoints', ${rowsOf("webhook_endpoints", "r.id")},
  'deliveries', ${rowsOf("webhook_deliveries", "r.id")},
  'low_crossings', ${lowCrossings},
  'mismatches', ${rowsOf("pantheon_money_mismatches", "r.what")},
  'outbox', ${rowsOf("outbox", "r.target_id")},
  'stuck', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from stuck_turns k join turns t on t.id = k.id where t.owner_id = $1),
  'findings', ${rowsOf("chaos_findings", "r.finding")})`;

export async function takeSnapshot(database: ChaosDatabase, userId: string): Promise<Snapshot> {
  return Snapshot.parse(JSON.parse((await database.read({ sql: statement, params: [userId] })) ?? "null"));
}

const openStatement = `select
  (select count(*) from turns where owner_id = $1 and not pantheon_is_over(status)) +
  (select count(*) from turn_steps where owner_id = $1 and lease_until is not null) +
  (select count(*) from outbox where owner_id = $1)`;

/** How much the database still wants to see done. */
export async function countOpen(database: ChaosDatabase, userId: string): Promise<number> {
  return Number(await database.read({ sql: openStatement, params: [userId] }));
}

const pausedStatement =
  "select coalesce(jsonb_agg(id order by id), '[]') from turns where owner_id = $1 and status = 'paused'";

export async function findPaused(database: ChaosDatabase, userId: string): Promise<readonly string[]> {
  const ids = await database.read({ sql: pausedStatement, params: [userId] });
  return z.array(z.string()).parse(JSON.parse(ids ?? "[]"));
}
