import { estimateTokens } from "../../domain/context/budget.ts";
import {
  countsTokens,
  parseInterimUsage,
  parseUsage,
  type TokenEstimate,
  type Usage,
} from "../../domain/meter/usage.ts";
import type { WireCompletion } from "../../domain/meter/wire.ts";
import type { CallRecord, ModelRequest } from "../../ports/model.ts";
import type { Attempt } from "./metering-fetch.ts";

export interface EndedAttempt {
  readonly attempt: Attempt;
  readonly wire: WireCompletion;
  readonly isTimedOut: boolean;
  readonly endedAtMs: number;
}

/** What the ledger keeps of one attempt: the provider's own figures, or an estimate that says it is one. */
export function toCallRecord(request: ModelRequest, ended: EndedAttempt): CallRecord {
  const { attempt, wire, endedAtMs } = ended;
  const headers = attempt.head?.headers;
  return {
    provider: "openrouter",
    providerModel: wire.providerModel ?? request.providerModel,
    requestId: headers?.get("x-request-id") ?? null,
    generationId: headers?.get("x-generation-id") ?? wire.generationId,
    usage: usageOf(request, ended),
    latencyMs: Math.max(0, endedAtMs - attempt.startedAtMs),
    status: statusOf(ended),
    httpStatus: attempt.head?.status ?? null,
    finishReason: wire.finishReason,
  };
}

function statusOf({ attempt, wire, isTimedOut }: EndedAttempt): CallRecord["status"] {
  const isWhole = wire.isComplete || (attempt.end?.kind === "whole" && wire.finishReason !== null);
  if (isAnswer(attempt) && isWhole && wire.finishReason !== "error") return "ok";
  return isTimedOut ? "aborted" : "failed";
}

function usageOf(request: ModelRequest, { attempt, wire, isTimedOut }: EndedAttempt): Usage {
  const isRefused = attempt.head !== null && !isAnswer(attempt);
  if (isRefused && (wire.usage === null || !countsTokens(wire.usage))) return free;
  if (wire.usage !== null) {
    const parse = wire.isComplete || wire.isUsageFinal ? parseUsage : parseInterimUsage;
    return parse(wire.usage, estimateOf(request, wire));
  }
  const isHeard = attempt.head !== null || isTimedOut;
  return parseUsage(null, isHeard ? estimateOf(request, wire) : undefined);
}

/** A refused request costs nothing, and that is no guess. */
const free = parseUsage({ prompt_tokens: 0, completion_tokens: 0 });

export function isAnswer({ head }: Attempt): boolean {
  return head !== null && head.status >= 200 && head.status < 300;
}

function estimateOf(request: ModelRequest, wire: WireCompletion): TokenEstimate {
  const promptTokens = textsOf(request).reduce((sum, text) => sum + estimateTokens(text), 0);
  return { promptTokens, outputTokens: Math.ceil((wire.outputCharacters / 4) * 1.25) };
}

function textsOf({ messages, tools, format }: ModelRequest): readonly string[] {
  const said = messages.flatMap((message) => [
    message.content,
    ...("toolCalls" in message ? message.toolCalls.map((call) => call.name + call.arguments) : []),
  ]);
  const described = tools.map((tool) => JSON.stringify(tool));
  return format === null ? [...said, ...described] : [...said, ...described, JSON.stringify(format.schema)];
}
