import { Annotation } from "@langchain/langgraph";
import type { ResponseFormat } from "../domain/json-schema/response-format.ts";
import type { ReadReply, StepWords } from "../domain/modes/purpose-rules.ts";
import type { PromptMessage } from "../domain/speaker/build-prompt.ts";
import type { ReplyFlag } from "../domain/speaker/check-reply.ts";
import type { Speaker } from "../domain/speaker/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { ModelFailure, ModelGateway, ModelMessage, ModelOutcome } from "../ports/model.ts";
import type { AgentTool, AwaitedCall, Decision, PendingCall, ToolCallRecord } from "./agent-tool.ts";
import type { MadeCall } from "./made-call.ts";

export interface AgentTask {
  readonly threadId: string;
  readonly messages: readonly PromptMessage[];
  readonly providerModel: string;
  readonly maxOutputTokens: number;
  readonly modelTimeoutMs: number;
  /** No model call may still be running then. */
  readonly deadlineAtMs: number;
  readonly roster: readonly Speaker[];
  readonly self: Speaker;
  /** Null: the reply is plain words, which are checked and said aloud. */
  readonly format: ResponseFormat | null;
  /** What a reply in that form comes to. Pure: it is asked again whenever the reply is looked at. */
  readonly readReply: (value: unknown) => ReadReply;
  /** All that the agent may use. */
  readonly tools: readonly AgentTool[];
  /** What was decided on calls that an earlier run stopped at, by their ids. */
  readonly approvals: Readonly<Record<string, Decision>>;
  /** What an unfinished run before this one gave back. */
  readonly checkpoint: string | null;
  /** Pieces of a reply in plain words while it is made, and which call of this run makes it. */
  readonly onDelta: (text: string, call: number) => void;
}

export interface AgentPorts {
  readonly model: ModelGateway;
  readonly clock: Clock;
}

/** What a run tells whoever started it, as it happens. */
export interface Journal {
  readonly called: (calls: readonly MadeCall[]) => void;
  readonly usedTool: (call: ToolCallRecord) => void;
  readonly stopped: (why: StopReason) => void;
}

export type StopReason =
  | { readonly kind: "out_of_time" }
  | { readonly kind: "awaiting_approval"; readonly awaited: readonly AwaitedCall[] }
  /** For now: what came before it need not be done again. */
  | { readonly kind: "failed"; readonly failure: ModelFailure };

/** What belongs to one run and never to a checkpoint: the compiled graph is shared by all. */
export const AgentContext = Annotation.Root({
  ports: Annotation<AgentPorts>(),
  task: Annotation<AgentTask>(),
  journal: Annotation<Journal>(),
});

export type AgentContext = typeof AgentContext.State;

export type AgentEnd =
  | ({ readonly kind: "replied"; readonly flags: readonly ReplyFlag[] } & StepWords)
  /** It came, twice, and could not be read: what it counts for is the caller's to say. */
  | { readonly kind: "unreadable"; readonly fault: string }
  | { readonly kind: "failed"; readonly failure: ModelFailure };

export const AgentState = Annotation.Root({
  messages: Annotation<readonly ModelMessage[]>(),
  repairsLeft: Annotation<number>(),
  /** How often the model has spoken. */
  replies: Annotation<number>(),
  /** How many tool calls it has asked for. */
  asked: Annotation<number>(),
  pending: Annotation<readonly PendingCall[]>(),
  outcome: Annotation<ModelOutcome>(),
  end: Annotation<AgentEnd>(),
});

export type AgentState = typeof AgentState.State;
