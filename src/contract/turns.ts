import * as z from "zod";
import { ModelAlias, SpeakerKey } from "./agents.ts";
import { MessageId, RoomId, SessionId, StepId, TurnId } from "./ids.ts";
import { Credits, SignedCredits } from "./money.ts";
import { TurnOutcome } from "./outcomes.ts";
import { Mode } from "./rooms.ts";
import { StepResult } from "./step-results.ts";
import { text, timestamp } from "./text.ts";
import { AwaitedCall, ToolCall } from "./tools.ts";

const maxMessageLength = 1_000_000;
const maxRounds = 5;
export const maxWaitSeconds = 25;

export const OnBusy = z.enum(["reject", "enqueue", "interrupt"]);
export type OnBusy = z.infer<typeof OnBusy>;

const metadataValue = z.union([text(0, 500), z.int(), z.boolean(), z.null()]);
const Metadata = z
  .record(text(1, 60), metadataValue)
  .refine((metadata) => Object.keys(metadata).length <= 20, { message: "must have at most 20 fields" });

export const CreateTurn = z.strictObject({
  message: text(1, maxMessageLength).refine((message) => message.trim() !== "", { message: "must not be blank" }),
  mode: Mode.optional().meta({ description: "Left out: the room's own mode." }),
  rounds: z
    .int()
    .min(1)
    .max(maxRounds)
    .optional()
    .meta({ description: "At most; left out, what is usual in the mode." }),
  on_busy: OnBusy.default("reject"),
  budget: Credits.nullable().default(null).meta({ description: "The most credits that this turn may cost." }),
  response_schema: z
    .record(z.string(), z.unknown())
    .nullable()
    .default(null)
    .meta({ description: "A JSON schema in which the last step answers; the answer is the turn's `response`." }),
  callback_url: text(1, 2048).nullable().default(null).meta({
    format: "uri",
    description: "Where the end or a pause is told; of the same origin as one of your active webhook endpoints.",
  }),
  metadata: Metadata.default({}),
});
export type CreateTurn = z.infer<typeof CreateTurn>;

export const ResumeTurn = z.strictObject({
  budget: Credits.optional().meta({ description: "A new budget of the turn; left out, the one it has." }),
});
export type ResumeTurn = z.infer<typeof ResumeTurn>;

const turnStatuses = ["queued", "running", "paused", "completed", "partial", "failed", "cancelled"] as const;
export const TurnStatus = z.enum(turnStatuses);
export type TurnStatus = z.infer<typeof TurnStatus>;

const StepStatus = z.enum(["waiting", "ready", "running", "awaiting", "done", "failed", "cancelled"]);

export const StepError = z.object({ type: z.string(), message: z.string() });
export type StepError = z.infer<typeof StepError>;

export const Usage = z
  .object({
    model_calls: z.int(),
    fresh_tokens: z.int(),
    cached_tokens: z.int(),
    output_tokens: z.int(),
    credits: SignedCredits.meta({ description: "What the user is charged." }),
    cost_usd: z.string().nullable().meta({ description: "What the provider charged, where it says so." }),
    is_estimated: z.boolean(),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof Usage>;

/** Which limit was in the way, and its figures in credits. */
export const Unaffordable = z
  .object({
    code: z.enum(["insufficient_credits", "budget_exceeded"]),
    scope: z.enum(["wallet", "turn", "session", "room", "day", "month"]),
    needed: SignedCredits.meta({ description: "The most that what is planned may cost." }),
    available: SignedCredits,
    budget: SignedCredits.optional(),
    spent: SignedCredits.optional(),
    held: SignedCredits.optional(),
  })
  .meta({ id: "Unaffordable" });
export type Unaffordable = z.infer<typeof Unaffordable>;

/** Why a turn waits: for money, or for a decision on tool calls. */
export const Pause = z.discriminatedUnion("code", [
  Unaffordable,
  z.object({ code: z.literal("approval_required"), approvals: z.array(AwaitedCall) }),
]);
export type Pause = z.infer<typeof Pause>;

export const TurnCost = z
  .object({
    credits: SignedCredits,
    held: SignedCredits.meta({ description: "Set aside for what has not ended yet." }),
    by_agent: z.array(z.object({ agent_key: SpeakerKey, credits: SignedCredits })),
    by_purpose: z.array(z.object({ purpose: z.string(), credits: SignedCredits })),
  })
  .meta({ id: "TurnCost" });
export type TurnCost = z.infer<typeof TurnCost>;

export const TurnStep = z
  .object({
    id: StepId,
    index: z.int(),
    purpose: z.string(),
    agent_key: SpeakerKey,
    agent_name: z.string(),
    model_alias: ModelAlias,
    round: z.int(),
    instruction: z.string().nullable().meta({ description: "What this speaker alone was told." }),
    status: StepStatus,
    attempts: z.int(),
    message_id: MessageId.nullable(),
    output: z.string().nullable(),
    tool_calls: z.array(ToolCall),
    result: StepResult.nullable().meta({ description: "What it came to, where that is more than its words." }),
    flags: z.array(z.string()).meta({
      description:
        "What became of the reply: `silent`, `fallback`, or that words of others were cut from it (`starts_as_other`, " +
        "`continues_as_other`, `copied_quote`).",
    }),
    error: StepError.nullable(),
    usage: Usage,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
  })
  .meta({ id: "TurnStep" });
export type TurnStep = z.infer<typeof TurnStep>;

/** A summary is made beside the conversation: a turn without a message of the user's. */
export const TurnMode = z.union([Mode, z.literal("summary")]);
export type TurnMode = z.infer<typeof TurnMode>;

export const Turn = z
  .object({
    id: TurnId,
    session_id: SessionId,
    room_id: RoomId,
    turn_index: z.int().meta({ description: "Below zero for a summary, which is no turn of the conversation." }),
    status: TurnStatus,
    mode: TurnMode,
    rounds: z.int(),
    message: z.object({ id: MessageId, text: z.string() }).nullable().meta({ description: "Null for a summary." }),
    metadata: z.record(z.string(), metadataValue),
    budget: Credits.nullable(),
    pause: Pause.nullable().meta({ description: "Why a paused turn waits." }),
    response: z
      .unknown()
      .meta({ description: "The answer in the form that was asked for; null where none was, or none came." }),
    outcome: TurnOutcome.nullable().meta({
      description: "What the agents came to together, once it is over: of a council the ranking, of a debate the vote.",
    }),
    steps: z.array(TurnStep),
    usage: Usage,
    cost: TurnCost,
    error: StepError.nullable().meta({
      description:
        "Why a failed turn failed, as its `turn.failed` tells too; null for any other. Where several agents failed it is the " +
        "first one's, and says how many they were.",
    }),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
  })
  .meta({ id: "Turn" });
export type Turn = z.infer<typeof Turn>;

/** A line of a session's list of turns; the whole turn is one read away. */
export const TurnSummary = Turn.pick({
  id: true,
  session_id: true,
  room_id: true,
  turn_index: true,
  status: true,
  mode: true,
  rounds: true,
  created_at: true,
  started_at: true,
  finished_at: true,
}).meta({ id: "TurnSummary" });
export type TurnSummary = z.infer<typeof TurnSummary>;

export function isOver(status: TurnStatus): boolean {
  return status === "completed" || status === "partial" || status === "failed" || status === "cancelled";
}

/** Nothing more happens unless somebody acts. */
export function isAtRest(status: TurnStatus): boolean {
  return status === "paused" || isOver(status);
}
