import { describe, expect, it } from "vitest";
import { chunksNeeded, maxChunkPromptTokens, maxSummaryTokens } from "./chunk-bounds.ts";

const limits = { modelLimit: 128_000, maxOutput: 2048 };
const bulk = (messages: number, each: number) => ({ messages, boundTokens: messages * each, longestBoundTokens: each });

describe("what a summary may cost", () => {
  it("is nothing for no messages, and one chunk for few", () => {
    expect([chunksNeeded(bulk(0, 0), limits), chunksNeeded(bulk(40, 1000), limits)]).toEqual([0, 1]);
    expect(maxSummaryTokens(bulk(0, 0), limits)).toEqual({ chunks: 0, promptTokens: 0, outputTokens: 0 });
  });

  it("goes with what there is to read, up to the model's limit", () => {
    const few = maxChunkPromptTokens(128_000, 2048, bulk(4, 1000));
    expect(maxChunkPromptTokens(128_000, 2048, bulk(8, 1000))).toBe(few + 4 * 1032);
    expect(few).toBeLessThan(30_000);
    expect(maxChunkPromptTokens(128_000, 2048, null)).toBe(128_000);
    expect(maxChunkPromptTokens(1, 2048, null)).toBe(2048);
  });

  it("does not grow with the limit of a model that could read far more at once", () => {
    expect(maxChunkPromptTokens(2_000_000, 2048, null)).toBe(maxChunkPromptTokens(1_000_000, 2048, null));
    expect(maxChunkPromptTokens(2_000_000, 2048, null)).toBeLessThan(140_000);
  });

  it("is the sum of its chunks when there are many", () => {
    const { chunks, promptTokens, outputTokens } = maxSummaryTokens(bulk(100, 8000), limits);
    expect(chunks).toBeGreaterThan(8);
    expect(promptTokens).toBeLessThanOrEqual(chunks * 128_000);
    expect(outputTokens).toBe(chunks * 2048);
  });

  it("needs more chunks where a text counts more tokens", () => {
    expect(chunksNeeded(bulk(100, 1000), limits, 1)).toBeGreaterThan(chunksNeeded(bulk(100, 1000), limits));
  });
});
