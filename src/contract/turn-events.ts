import * as z from "zod";
import { AgentKey } from "./agents.ts";
import { MessageId, SessionId, StepId, TurnId } from "./ids.ts";
import { Mode } from "./rooms.ts";
import { timestamp } from "./text.ts";
import { StepError, Unaffordable } from "./turns.ts";

const spoken = { step_id: StepId, agent_key: AgentKey, agent_name: z.string(), round: z.int() };
const ended = z.object({ status: z.string(), error: StepError.optional() });

function logged<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ turn_id: TurnId, seq: z.int(), type: z.literal(type), data, created_at: timestamp });
}

/** A line of a turn's log: the same in a page, in a stream and in a webhook. Numbered from 1, without a gap. */
export const TurnEvent = z
  .discriminatedUnion("type", [
    logged("turn.created", z.object({ session_id: SessionId, turn_index: z.int(), mode: Mode })),
    logged("turn.started", z.object({})),
    logged("step.started", z.object({ step_id: StepId, agent_key: AgentKey, round: z.int() })),
    logged("message.completed", z.object({ ...spoken, message_id: MessageId, text: z.string() })),
    logged("step.failed", z.object({ ...spoken, error: StepError })),
    logged("turn.paused", z.object({ status: z.string(), pause: Unaffordable })),
    logged("turn.resumed", z.object({ status: z.string() })),
    logged("turn.completed", ended),
    logged("turn.partial", ended),
    logged("turn.failed", ended),
    logged("turn.cancelled", ended),
  ])
  .meta({ id: "TurnEvent" });
export type TurnEvent = z.infer<typeof TurnEvent>;

/** A piece of a reply while it is being made. It may be lost; `message.completed` has the whole text and never is. */
export const MessageDelta = z
  .object({
    turn_id: TurnId,
    type: z.literal("message.delta"),
    data: z.object({
      step_id: StepId,
      agent_key: AgentKey,
      attempt: z.string().meta({ description: "A new value begins the reply anew." }),
      offset: z.int().meta({ description: "Where in the reply this piece begins, in UTF-16 units." }),
      text: z.string(),
    }),
  })
  .meta({ id: "MessageDelta" });
export type MessageDelta = z.infer<typeof MessageDelta>;

/** What is said beside the log: that there is something new in it, or a piece of a reply. All of it may be lost. */
export const LiveSignal = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("wake") }),
  z.object({ kind: z.literal("delta"), delta: MessageDelta }),
]);
export type LiveSignal = z.infer<typeof LiveSignal>;

const terminalTypes = new Set<string>(["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"]);

/** Nothing follows it. */
export function isTerminalEvent({ type }: Pick<TurnEvent, "type">): boolean {
  return terminalTypes.has(type);
}
