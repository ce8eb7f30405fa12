import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxReportedTokens, parseUsage } from "./usage.ts";

const count = fc.oneof(
  fc.integer({ min: -10, max: 10_000 }),
  fc.double(),
  fc.string(),
  fc.constant(null),
  fc.anything(),
);
const anyUsage = fc.record(
  {
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    cost: count,
    prompt_tokens_details: fc.oneof(fc.record({ cached_tokens: count, cache_write_tokens: count }), count),
    completion_tokens_details: fc.oneof(fc.record({ reasoning_tokens: count }), count),
  },
  { requiredKeys: [] },
);

describe("any usage", () => {
  test("yields buckets that are bounded, never negative, and parts within their wholes", () => {
    fc.assert(
      fc.property(fc.oneof(anyUsage, fc.anything()), (raw) => {
        const usage = parseUsage(raw);
        for (const tokens of [usage.freshTokens, usage.cachedTokens, usage.outputTokens]) {
          expect(tokens >= 0n && tokens <= maxReportedTokens).toBe(true);
        }
        expect(usage.freshTokens + usage.cachedTokens <= maxReportedTokens).toBe(true);
        expect(usage.cacheWriteTokens >= 0n && usage.cacheWriteTokens <= usage.freshTokens).toBe(true);
        expect(usage.reasoningTokens >= 0n && usage.reasoningTokens <= usage.outputTokens).toBe(true);
        expect(usage.costUsdPico === null || usage.costUsdPico >= 0n).toBe(true);
      }),
    );
  });

  test("fresh and cached always sum to the prompt that was reported", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(2_000_000), fc.nat(9999), (prompt, cached, output) => {
        const raw = {
          prompt_tokens: prompt,
          completion_tokens: output,
          prompt_tokens_details: { cached_tokens: cached },
        };
        const usage = parseUsage(raw);
        expect(usage.freshTokens + usage.cachedTokens).toBe(BigInt(prompt));
        expect(
          parseUsage(JSON.parse(JSON.stringify(raw, (_, value) => (typeof value === "number" ? `${value}` : value)))),
        ).toEqual(usage);
      }),
    );
  });
});
