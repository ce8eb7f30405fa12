import { describe, expect, test } from "vitest";
import { countsTokens, parseInterimUsage } from "./usage.ts";

const nothing = {
  freshTokens: 0n,
  cachedTokens: 0n,
  outputTokens: 0n,
  cacheWriteTokens: 0n,
  reasoningTokens: 0n,
  costUsdPico: null,
  isEstimated: true,
};

describe("a usage from before the reply's end", () => {
  const seen = { promptTokens: 40, outputTokens: 8 };

  test.each([
    ["zeros are no counts yet", { prompt_tokens: 0, completion_tokens: 0 }, { freshTokens: 40n, outputTokens: 8n }],
    [
      "what was seen beyond it is added",
      { prompt_tokens: 9, completion_tokens: 3 },
      { freshTokens: 9n, outputTokens: 8n },
    ],
    [
      "what it counts beyond what was seen stays",
      { prompt_tokens: 9, completion_tokens: 30 },
      { freshTokens: 9n, outputTokens: 30n },
    ],
    [
      "a prompt that was cached whole is a count",
      { prompt_tokens: 9, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 9 } },
      { cachedTokens: 9n, outputTokens: 8n },
    ],
  ])("%s, and it is an estimate", (_, raw, expected) => {
    expect(parseInterimUsage(raw, seen)).toEqual({ ...nothing, ...expected });
  });
});

describe("a usage that counts", () => {
  test.each([
    [{ prompt_tokens: 0 }, true],
    [{ output_tokens: "3" }, true],
    [{ total_tokens: 3 }, false],
    [{ prompt_tokens: null, cost: 0.1 }, false],
    [{}, false],
  ])("%j: %s", (raw, counts) => {
    expect(countsTokens(raw)).toBe(counts);
  });
});
