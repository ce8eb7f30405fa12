import type { ResponseFormat } from "../domain/json-schema/response-format.ts";
import type { Usage } from "../domain/meter/usage.ts";
import type { PromptMessage } from "../domain/speaker/build-prompt.ts";
import type { ToolSpec } from "../domain/tools/tool.ts";

/** One HTTP attempt at a provider, as the ledger keeps it. */
export interface CallRecord {
  readonly provider: "openrouter";
  readonly providerModel: string;
  readonly requestId: string | null;
  readonly generationId: string | null;
  readonly usage: Usage;
  readonly latencyMs: number;
  readonly status: "ok" | "failed" | "aborted";
  readonly httpStatus: number | null;
  readonly finishReason: string | null;
}

/** What a model asks to have done; its arguments are text that was not looked at. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface AskedMessage {
  readonly role: "assistant";
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
}

export interface ResultMessage {
  readonly role: "tool";
  readonly content: string;
  readonly callId: string;
}

export type ModelMessage = PromptMessage | AskedMessage | ResultMessage;

export interface ModelRequest {
  readonly providerModel: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolSpec[];
  /** False: the tools stay in the prompt, since what was asked of them does, and no further call is heard. */
  readonly mayCallTools: boolean;
  /** Null: plain words. */
  readonly format: ResponseFormat | null;
  readonly maxOutputTokens: number;
  readonly timeoutMs: number;
}

export type ModelFailureType =
  | "rate_limited"
  | "provider_unavailable"
  | "timeout"
  | "cut_stream"
  | "invalid_reply"
  | "empty_reply"
  | "refused"
  | "content_filter";

export interface ModelFailure {
  readonly type: ModelFailureType;
  readonly message: string;
  /** Worth another try, as opposed to a request that would be refused again. */
  readonly isTransient: boolean;
  readonly retryAfterSeconds: number | null;
}

export type ModelOutcome =
  | { readonly kind: "replied"; readonly text: string; readonly finishReason: string | null }
  /** Never without a call. */
  | { readonly kind: "called"; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly kind: "failed"; readonly failure: ModelFailure };

export interface ModelResult {
  readonly outcome: ModelOutcome;
  /** Every HTTP attempt, failed ones too, in order. */
  readonly calls: readonly CallRecord[];
}

export interface ModelGateway {
  /** Never throws for what a provider does; what it costs is in the result either way. */
  call(request: ModelRequest, onDelta?: (text: string) => void): Promise<ModelResult>;
}
