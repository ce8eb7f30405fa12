import * as z from "zod";
import { SpeakerKey } from "./agents.ts";
import { MessageId, SessionId, StepId, SummaryId, TurnId } from "./ids.ts";
import { Evaluation, Ranking, Routing, Vote } from "./step-results.ts";
import { timestamp } from "./text.ts";
import { ToolArguments, ToolStatus } from "./tools.ts";
import { Pause, StepError, TurnMode } from "./turns.ts";

const spoken = { step_id: StepId, agent_key: SpeakerKey, agent_name: z.string(), round: z.int() };
const ended = z.object({ status: z.string() });

const summary = {
  summary_id: SummaryId,
  version: z.int(),
  through_turn_index: z.int().meta({ description: "The last turn that it stands for in prompts." }),
  is_fallback: z.boolean().meta({ description: "No answer of the model could be read, and a rule made it." }),
};

function logged<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ turn_id: TurnId, seq: z.int(), type: z.literal(type), data, created_at: timestamp });
}

/** A line of a turn's log: the same in a page, in a stream and in a webhook. Numbered from 1, without a gap. */
export const TurnEvent = z
  .discriminatedUnion("type", [
    logged("turn.created", z.object({ session_id: SessionId, turn_index: z.int(), mode: TurnMode })),
    logged("turn.started", z.object({})),
    logged(
      "step.started",
      z.object({ step_id: StepId, agent_key: SpeakerKey, round: z.int(), purpose: z.string().optional() }),
    ),
    logged("message.completed", z.object({ ...spoken, message_id: MessageId, text: z.string() })),
    logged("agent.silent", z.object(spoken)),
    logged("turn.routed", z.object({ ...spoken, result: z.discriminatedUnion("kind", [Routing, Evaluation]) })),
    logged("ranking.cast", z.object({ ...spoken, result: Ranking })),
    logged("vote.cast", z.object({ ...spoken, result: Vote })),
    logged("tool.called", z.object({ ...spoken, call_id: z.string(), tool: z.string(), status: ToolStatus })),
    logged("approval.requested", z.object({ ...spoken, id: z.string(), tool: z.string(), arguments: ToolArguments })),
    logged("summary.created", z.object({ ...spoken, ...summary })),
    logged("step.failed", z.object({ ...spoken, error: StepError })),
    logged("turn.paused", z.object({ status: z.string(), pause: Pause })),
    logged("turn.resumed", z.object({ status: z.string() })),
    logged("turn.completed", ended),
    logged("turn.partial", ended),
    logged("turn.failed", ended.extend({ error: StepError })),
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
      agent_key: SpeakerKey,
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
