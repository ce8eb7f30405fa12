import { retryAfterSeconds } from "../../domain/text/retry-after.ts";
import type { ModelFailure, ModelFailureType, ModelOutcome, ModelRequest, ToolCall } from "../../ports/model.ts";
import { type EndedAttempt, isAnswer } from "./call-record.ts";
import { excerptOf, type ProviderError, readProviderError } from "./provider-error.ts";

/** What the caller recorded of the reply, as far as the library handed it on. */
export interface RecordedReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly finishReason: string | null;
  /** The library ended the reply with an error, whatever its own words for it. */
  readonly isBroken: boolean;
}

export interface CallEnd {
  readonly request: ModelRequest;
  readonly recorded: RecordedReply;
  /** Undefined when not even a request was made. */
  readonly last: EndedAttempt | undefined;
  readonly isTimedOut: boolean;
  readonly apiKey: string;
  readonly nowMs: number;
}

/** The reply, or the one failure that the call ended with. */
export function readOutcome(end: CallEnd): ModelOutcome {
  const { recorded, last } = end;
  if (recorded.finishReason !== null && recorded.finishReason !== "error") return outcomeOfWhole(end);
  if (end.isTimedOut) return failed("timeout", `The model did not finish within ${end.request.timeoutMs} ms.`);
  if (last === undefined || last.attempt.head === null)
    return failed("provider_unavailable", "The model's provider could not be reached.");
  if (!isAnswer(last.attempt)) return outcomeOfStatus(end, last.attempt.head.status, last);
  return outcomeOfAnswer(end, last);
}

function outcomeOfWhole({ request, recorded: { text, calls, finishReason } }: CallEnd): ModelOutcome {
  if (finishReason === "content_filter")
    return failed("content_filter", "The model's provider filtered the reply for its content.");
  if (request.mayCallTools && calls.length > 0) return { kind: "called", text, calls };
  if (text.trim() === "") return failed("empty_reply", "The model's reply is empty.");
  return { kind: "replied", text, finishReason };
}

/** A status may also stand in the answer's body: some providers fail after they began with 200. */
function outcomeOfStatus({ apiKey, nowMs }: CallEnd, status: number, { attempt }: EndedAttempt): ModelOutcome {
  const retry = retryAfterSeconds(attempt.head?.headers.get("retry-after"), nowMs);
  const said = readProviderError(attempt.tally.keptText())?.message ?? attempt.tally.keptText();
  const excerpt = excerptOf(said, apiKey);
  const details = `status ${status}${excerpt === "" ? "" : `: ${excerpt}`}`;
  if (status === 429) return failed("rate_limited", `The model's provider limits its rate (${details}).`, retry);
  if (status >= 500 || status === 408)
    return failed("provider_unavailable", `The model's provider failed (${details}).`, retry);
  return failed("refused", `The model's provider refused the request (${details}).`);
}

function outcomeOfAnswer(end: CallEnd, last: EndedAttempt): ModelOutcome {
  const { recorded } = end;
  const { wire, attempt } = last;
  const error = readProviderError(attempt.tally.keptText());
  if (error !== null || wire.finishReason === "error") return outcomeOfStatus(end, errorStatus(error), last);
  const isBegun = wire.generationId !== null || wire.providerModel !== null || wire.outputCharacters > 0;
  if (wire.isComplete) {
    const isSaying = recorded.text.trim() !== "" || recorded.calls.length > 0;
    if (isSaying && !recorded.isBroken) return outcomeOfWhole(end);
    if (isBegun && wire.outputCharacters === 0) return failed("empty_reply", "The model's reply is empty.");
    return failed("invalid_reply", "The model's reply cannot be read.");
  }
  const isSilent = attempt.tally.keptText().replace(/^:.*$/gm, "").trim() === "";
  if (isBegun || isSilent || attempt.end?.kind === "broken")
    return failed("cut_stream", "The model's reply broke off before its end.");
  return failed("invalid_reply", "The model's reply cannot be read.");
}

function errorStatus(error: ProviderError | null): number {
  return error?.code != null && error.code >= 400 ? error.code : 502;
}

const isTransientByType: Readonly<Record<ModelFailureType, boolean>> = {
  rate_limited: true,
  provider_unavailable: true,
  timeout: true,
  cut_stream: true,
  invalid_reply: true,
  empty_reply: true,
  refused: false,
  content_filter: false,
};

function failed(type: ModelFailureType, message: string, retryAfter: number | null = null): ModelOutcome {
  const failure: ModelFailure = {
    type,
    message,
    isTransient: isTransientByType[type],
    retryAfterSeconds: retryAfter,
  };
  return { kind: "failed", failure };
}
