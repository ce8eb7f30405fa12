import type { Model } from "./models.ts";
import type { PromptCount } from "./prefix-cache.ts";
import type { Draft } from "./reply.ts";
import type { ScriptedReply } from "./script.ts";
import { stableNumber } from "./stable-hash.ts";
import { countTokens, cutToTokens } from "./tokens.ts";
import { buildUsage, type Usage } from "./usage.ts";
import { type ChatRequest, type FinishReason, lastMessageText, outputLimitOf, type ToolCall } from "./wire.ts";

const TOKENS_PER_TOOL_CALL = 8;

/** A finished generation: what is said, why it ended and what it costs. */
export interface Completion {
  readonly id: string;
  readonly createdSeconds: number;
  readonly model: Model;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
}

export interface CompletionInput {
  readonly id: string;
  readonly createdSeconds: number;
  readonly model: Model;
  readonly request: ChatRequest;
  readonly draft: Draft;
  readonly prompt: PromptCount;
  readonly scripted: ScriptedReply | undefined;
}

export function complete({ id, createdSeconds, model, request, draft, prompt, scripted }: CompletionInput): Completion {
  const limit = Math.min(outputLimitOf(request) ?? model.maxCompletionTokens, model.maxCompletionTokens);
  const reasoning = reasoningTokens(request, model, limit);
  const cut = cutToTokens(untilStop(draft.text, request), limit - reasoning);
  const calls = cut.isCut ? [] : draft.toolCalls;
  const counts = {
    prompt: prompt.prompt,
    cached: prompt.cached,
    cacheWritten: prompt.cacheWritten,
    completion: reasoning + cut.tokens + toolCallTokens(calls),
    reasoning,
  };
  const usage = withOverrides(buildUsage(model, counts), scripted?.usage);
  const finishReason = cut.isCut ? "length" : draft.finishReason;
  return { id, createdSeconds, model, text: cut.text, toolCalls: calls, finishReason, usage };
}

function untilStop(text: string, request: ChatRequest): string {
  const stops = typeof request.stop === "string" ? [request.stop] : (request.stop ?? []);
  const ends = stops.filter(Boolean).flatMap((stop) => (text.includes(stop) ? [text.indexOf(stop)] : []));
  return text.slice(0, Math.min(text.length, ...ends));
}

function reasoningTokens(request: ChatRequest, model: Model, limit: number): number {
  const isAsked = request.reasoning?.enabled === true || (request.reasoning?.effort ?? "none") !== "none";
  if (!model.isReasoning && !isAsked) return 0;
  return Math.min(32 + (stableNumber(model.id, lastMessageText(request)) % 160), Math.floor(limit / 2));
}

function toolCallTokens(calls: readonly ToolCall[]): number {
  const counts = calls.map((call) => TOKENS_PER_TOOL_CALL + countTokens(call.function.name + call.function.arguments));
  return counts.reduce((sum, count) => sum + count, 0);
}

function withOverrides(usage: Usage, overrides: ScriptedReply["usage"]): Usage {
  // Safe for its readers: a test that scripts a usage decides what stands on the wire, odd values included.
  return overrides === undefined ? usage : ({ ...usage, ...overrides } as Usage);
}
