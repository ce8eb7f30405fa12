import { asRecord } from "../text/record.ts";
import { costUsdPico, maxCostUsdPico } from "./cost.ts";

/** Fresh, cached and output never overlap; cache writes are part of fresh, reasoning is part of output. */
export interface Usage {
  readonly freshTokens: bigint;
  readonly cachedTokens: bigint;
  readonly outputTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly reasoningTokens: bigint;
  readonly costUsdPico: bigint | null;
  readonly isEstimated: boolean;
}

export interface TokenEstimate {
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Far above what any model takes, and low enough that hundreds of such calls overflow no balance. */
export const maxReportedTokens = 2n ** 31n;

const nothing: TokenEstimate = { promptTokens: 0, outputTokens: 0 };
const numberPattern = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;

/** The provider's own usage; a count it left out comes from the estimate, and is flagged. */
export function parseUsage(raw: unknown, estimate: TokenEstimate = nothing): Usage {
  const usage = asRecord(raw);
  const reported = reportedCounts(usage);
  const prompt = reported.prompt ?? toCount(estimate.promptTokens) ?? 0n;
  const output = reported.output ?? toCount(estimate.outputTokens) ?? 0n;
  const cached = atMost(prompt, cachedCount(usage));
  return {
    freshTokens: prompt - cached,
    cachedTokens: cached,
    outputTokens: output,
    cacheWriteTokens: atMost(prompt - cached, cacheWriteCount(usage)),
    reasoningTokens: atMost(output, reasoningCount(usage)),
    costUsdPico: paidUsdPico(usage),
    isEstimated: reported.prompt === null || reported.output === null,
  };
}

/** A usage that was sent before the reply's end: what it does not count yet is estimated from what was seen. */
export function parseInterimUsage(raw: unknown, estimate: TokenEstimate): Usage {
  const usage = parseUsage(raw, estimate);
  const seen = parseUsage(null, estimate);
  const isPromptCounted = usage.freshTokens + usage.cachedTokens > 0n;
  return {
    ...usage,
    freshTokens: isPromptCounted ? usage.freshTokens : seen.freshTokens,
    outputTokens: atLeast(seen.outputTokens, usage.outputTokens),
    isEstimated: true,
  };
}

/** Some servers send an empty usage, or one of nulls, before or after the one with the figures. */
export function countsTokens(usage: Readonly<Record<string, unknown>>): boolean {
  const { prompt, output } = reportedCounts(usage);
  return prompt !== null || output !== null;
}

// With a key of our own at the provider, `cost` is the router's fee alone, and the provider bills the rest directly.
function paidUsdPico(usage: Readonly<Record<string, unknown>>): bigint | null {
  const cost = costUsdPico(usage.cost);
  if (cost === null || usage.is_byok !== true) return cost;
  return atMost(maxCostUsdPico, cost + (costUsdPico(asRecord(usage.cost_details).upstream_inference_cost) ?? 0n));
}

interface ReportedCounts {
  readonly prompt: bigint | null;
  readonly output: bigint | null;
}

function reportedCounts(usage: Readonly<Record<string, unknown>>): ReportedCounts {
  const prompt = toCount(usage.prompt_tokens) ?? inputCount(usage);
  const output = toCount(usage.completion_tokens) ?? toCount(usage.output_tokens);
  const total = toCount(usage.total_tokens);
  if (total === null) return { prompt, output };
  return {
    prompt: prompt ?? (output === null ? null : atLeast(0n, total - output)),
    output: output ?? (prompt === null ? null : atLeast(0n, total - prompt)),
  };
}

// Where cache reads and writes have counts of their own beside `input_tokens`, the provider left them out of it.
function inputCount(usage: Readonly<Record<string, unknown>>): bigint | null {
  const input = toCount(usage.input_tokens);
  if (input === null) return null;
  const read = toCount(usage.cache_read_input_tokens) ?? 0n;
  const written = toCount(usage.cache_creation_input_tokens) ?? 0n;
  return atMost(maxReportedTokens, input + read + written);
}

function cachedCount(usage: Readonly<Record<string, unknown>>): bigint | null {
  return (
    toCount(asRecord(usage.prompt_tokens_details).cached_tokens) ??
    toCount(asRecord(usage.input_tokens_details).cached_tokens) ??
    toCount(usage.cache_read_input_tokens) ??
    toCount(usage.prompt_cache_hit_tokens)
  );
}

function cacheWriteCount(usage: Readonly<Record<string, unknown>>): bigint | null {
  return (
    toCount(asRecord(usage.prompt_tokens_details).cache_write_tokens) ?? toCount(usage.cache_creation_input_tokens)
  );
}

function reasoningCount(usage: Readonly<Record<string, unknown>>): bigint | null {
  return (
    toCount(asRecord(usage.completion_tokens_details).reasoning_tokens) ??
    toCount(asRecord(usage.output_tokens_details).reasoning_tokens)
  );
}

/** Below zero is zero, a fraction is rounded up, absurd sizes are capped; null when it is no number. */
function toCount(value: unknown): bigint | null {
  const count = typeof value === "string" && numberPattern.test(value.trim()) ? Number(value) : value;
  if (typeof count !== "number" || Number.isNaN(count)) return null;
  if (count <= 0) return 0n;
  return count >= Number(maxReportedTokens) ? maxReportedTokens : BigInt(Math.ceil(count));
}

function atMost(limit: bigint, value: bigint | null): bigint {
  if (value === null) return 0n;
  return value < limit ? value : limit;
}

function atLeast(limit: bigint, value: bigint): bigint {
  return value > limit ? value : limit;
}
