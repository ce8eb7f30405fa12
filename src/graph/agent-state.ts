import { Annotation } from "@langchain/langgraph";
import type { PromptMessage } from "../domain/speaker/build-prompt.ts";
import type { ReplyFlag } from "../domain/speaker/check-reply.ts";
import type { Speaker } from "../domain/speaker/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { CallRecord, ModelFailure, ModelGateway, ModelOutcome } from "../ports/model.ts";

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
  /** What an unfinished run before this one gave back. */
  readonly checkpoint: string | null;
  /** Pieces of a reply while it is made, and which call of this run makes it. */
  readonly onDelta: (text: string, call: number) => void;
}

export interface AgentPorts {
  readonly model: ModelGateway;
  readonly clock: Clock;
}

/** What belongs to one run and never to a checkpoint: the compiled graph is shared by all. */
export const AgentContext = Annotation.Root({
  ports: Annotation<AgentPorts>(),
  task: Annotation<AgentTask>(),
  record: Annotation<(calls: readonly CallRecord[]) => void>(),
});

export type AgentContext = typeof AgentContext.State;

export type AgentEnd =
  | { readonly kind: "replied"; readonly text: string; readonly flags: readonly ReplyFlag[] }
  | { readonly kind: "failed"; readonly failure: ModelFailure };

export const AgentState = Annotation.Root({
  messages: Annotation<readonly PromptMessage[]>(),
  repairsLeft: Annotation<number>(),
  outcome: Annotation<ModelOutcome>(),
  end: Annotation<AgentEnd>(),
});

export type AgentState = typeof AgentState.State;
