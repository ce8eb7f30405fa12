import { describe, expect, test } from "vitest";
import { creditUnits, oeHundredths } from "./charge.ts";
import { maxReportedTokens, parseUsage } from "./usage.ts";

const zero = {
  freshTokens: 0n,
  cachedTokens: 0n,
  outputTokens: 0n,
  cacheWriteTokens: 0n,
  reasoningTokens: 0n,
  costUsdPico: null,
  isEstimated: false,
};

describe("usage shapes", () => {
  test.each([
    [
      "plain",
      { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      { freshTokens: 100n, outputTokens: 10n },
    ],
    [
      "cached is a subset of the prompt",
      { prompt_tokens: 150, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 50 } },
      { freshTokens: 100n, cachedTokens: 50n, outputTokens: 10n },
    ],
    [
      "all cached",
      { prompt_tokens: 50, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } },
      { cachedTokens: 50n, outputTokens: 1n },
    ],
    [
      "more cached than sent is capped at what was sent",
      { prompt_tokens: 50, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 80 } },
      { cachedTokens: 50n, outputTokens: 1n },
    ],
    [
      "a cache write is part of the fresh tokens",
      { prompt_tokens: 90, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 20, cache_write_tokens: 60 } },
      { freshTokens: 70n, cachedTokens: 20n, cacheWriteTokens: 60n, outputTokens: 1n },
    ],
    [
      "a cache write cannot exceed the fresh tokens",
      { prompt_tokens: 90, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 60 } },
      { freshTokens: 10n, cachedTokens: 80n, cacheWriteTokens: 10n, outputTokens: 1n },
    ],
    [
      "reasoning is part of the output",
      { prompt_tokens: 5, completion_tokens: 40, completion_tokens_details: { reasoning_tokens: 30 } },
      { freshTokens: 5n, outputTokens: 40n, reasoningTokens: 30n },
    ],
    [
      "reasoning cannot exceed the output",
      { prompt_tokens: 5, completion_tokens: 40, completion_tokens_details: { reasoning_tokens: 99 } },
      { freshTokens: 5n, outputTokens: 40n, reasoningTokens: 40n },
    ],
    [
      "cost",
      { prompt_tokens: 1, completion_tokens: 1, cost: "0.00014" },
      { freshTokens: 1n, outputTokens: 1n, costUsdPico: 140_000_000n },
    ],
    [
      "free is a cost of zero",
      { prompt_tokens: 1, completion_tokens: 1, cost: 0 },
      { freshTokens: 1n, outputTokens: 1n, costUsdPico: 0n },
    ],
    ["numeric strings", { prompt_tokens: "12", completion_tokens: " 3 " }, { freshTokens: 12n, outputTokens: 3n }],
    [
      "exponents in strings",
      { prompt_tokens: "1.2e1", completion_tokens: "3.0" },
      { freshTokens: 12n, outputTokens: 3n },
    ],
    ["negatives count as zero", { prompt_tokens: -5, completion_tokens: "-3" }, {}],
    [
      "a negative cached count leaves the prompt as it is",
      { prompt_tokens: 9, completion_tokens: 0, prompt_tokens_details: { cached_tokens: -4 } },
      { freshTokens: 9n },
    ],
    [
      "fractions are rounded up",
      { prompt_tokens: 1.2, completion_tokens: 0.0001 },
      { freshTokens: 2n, outputTokens: 1n },
    ],
    [
      "absurd sizes are capped",
      { prompt_tokens: 1e300, completion_tokens: Infinity },
      { freshTokens: maxReportedTokens, outputTokens: maxReportedTokens },
    ],
    [
      "the prompt from the total",
      { completion_tokens: 10, total_tokens: 110 },
      { freshTokens: 100n, outputTokens: 10n },
    ],
    ["the output from the total", { prompt_tokens: 100, total_tokens: 110 }, { freshTokens: 100n, outputTokens: 10n }],
    ["a total below its part adds nothing", { prompt_tokens: 100, total_tokens: 90 }, { freshTokens: 100n }],
    [
      "a wrong total is not believed over its parts",
      { prompt_tokens: 7, completion_tokens: 2, total_tokens: 999 },
      { freshTokens: 7n, outputTokens: 2n },
    ],
    [
      "null details",
      { prompt_tokens: 7, completion_tokens: 2, prompt_tokens_details: null, completion_tokens_details: [] },
      { freshTokens: 7n, outputTokens: 2n },
    ],
    [
      "the responses shape",
      {
        input_tokens: 30,
        output_tokens: 9,
        input_tokens_details: { cached_tokens: 10 },
        output_tokens_details: { reasoning_tokens: 4 },
      },
      { freshTokens: 20n, cachedTokens: 10n, outputTokens: 9n, reasoningTokens: 4n },
    ],
    [
      "caches counted beside the input are added to it",
      { input_tokens: 30, output_tokens: 9, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      { freshTokens: 50n, cachedTokens: 100n, cacheWriteTokens: 20n, outputTokens: 9n },
    ],
    [
      "cache hits by another name",
      { prompt_tokens: 30, completion_tokens: 9, prompt_cache_hit_tokens: 25 },
      { freshTokens: 5n, cachedTokens: 25n, outputTokens: 9n },
    ],
  ])("%s", (_, raw, expected) => {
    expect(parseUsage(raw)).toEqual({ ...zero, ...expected });
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "usage"],
    ["a list", [1, 2]],
    ["an empty object", {}],
    ["words", { prompt_tokens: "many", completion_tokens: "0x10" }],
    ["NaN", { prompt_tokens: Number.NaN, completion_tokens: Number.NaN }],
    ["other types", { prompt_tokens: true, completion_tokens: [3] }],
    ["a total alone", { total_tokens: 30 }],
  ])("%s is filled from the estimate, and flagged", (_, raw) => {
    const usage = parseUsage(raw, { promptTokens: 40, outputTokens: 8 });
    expect(usage).toEqual({ ...zero, freshTokens: 40n, outputTokens: 8n, isEstimated: true });
  });

  test("hundreds of the largest calls fit a signed 64-bit balance, up to multiplier 60", () => {
    const largest = parseUsage({ prompt_tokens: 1e300, completion_tokens: 1e300 });
    expect(500n * creditUnits(oeHundredths(largest), 60_000n) < 2n ** 63n).toBe(true);
  });

  test("a missing half alone is estimated", () => {
    const usage = parseUsage({ prompt_tokens: 12 }, { promptTokens: 40, outputTokens: 8 });
    expect(usage).toEqual({ ...zero, freshTokens: 12n, outputTokens: 8n, isEstimated: true });
  });
});

describe("a cost with a key of our own at the provider", () => {
  const counts = { prompt_tokens: 1, completion_tokens: 1 };

  test.each([
    [
      "is the fee and the provider's own bill",
      { is_byok: true, cost: "0.05", cost_details: { upstream_inference_cost: "1" } },
      1_050_000_000_000n,
    ],
    ["is the fee when the bill is not told", { is_byok: true, cost: "0.05", cost_details: null }, 50_000_000_000n],
    [
      "leaves out a bill that the cost already holds",
      { is_byok: false, cost: "0.05", cost_details: { upstream_inference_cost: "0.05" } },
      50_000_000_000n,
    ],
    ["is unknown when the fee is", { is_byok: true, cost_details: { upstream_inference_cost: "1" } }, null],
  ])("%s", (_, raw, pico) => {
    expect(parseUsage({ ...counts, ...raw }).costUsdPico).toBe(pico);
  });
});
