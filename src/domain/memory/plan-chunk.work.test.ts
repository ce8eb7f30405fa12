import { describe, expect, test } from "vitest";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import type { ChunkInput } from "./chunk.ts";
import { chunksNeeded } from "./chunk-bounds.ts";
import { chunkSize } from "./fit.ts";
import { planChunk } from "./plan-chunk.ts";

describe("a million characters", () => {
  const inputOf = (text: string, modelLimit: number): ChunkInput => ({
    room: { name: text, goal: text },
    previous: { id: "s", version: 1, through_turn_index: 0, cursor: null, text, rendered: text, tokens: 1 },
    entries: [],
    messages: [
      {
        id: "id",
        turn_index: 1,
        position: 0,
        author: "user",
        agent_key: null,
        agent_name: null,
        error_type: null,
        text,
        from_offset: 0,
        length: [...text].length,
      },
    ],
    has_more: false,
    through_turn_index: 1,
    budget: contextBudget({ modelLimit, maxOutput: 2048 }),
    tokenCount: estimateTokens,
  });

  test.each(["<", "&lt;", "🏛", "a b. ", "\n"])("of %j cost a chunk no more than the chunk holds", (part) => {
    const text = part.repeat(1_000_000 / part.length);
    let counted = 0;
    const chunk = planChunk({
      ...inputOf(text, 8192),
      tokenCount: (counting) => {
        counted += counting.length;
        return estimateTokens(counting);
      },
    });
    expect(chunk.messages[0]?.to).toBeGreaterThan(500);
    expect(counted).toBeLessThan(100 * chunkSize(contextBudget({ modelLimit: 8192, maxOutput: 2048 })).bytes);
  });

  test("are covered by chunks of a large model, each cut where a sentence ends", () => {
    const text = "It is so. ".repeat(100_000);
    let input = inputOf(text, 128_000);
    let chunk = planChunk(input);
    let chunks = 1;
    while (chunk.cursorAfter !== null) {
      expect(chunk.messages[0]?.text.endsWith(".")).toBe(true);
      const from_offset = chunk.cursorAfter.offset;
      input = {
        ...input,
        messages: input.messages.map((message) => ({ ...message, text: text.slice(from_offset), from_offset })),
      };
      chunk = planChunk(input);
      chunks += 1;
    }
    expect(chunks).toBeLessThanOrEqual(
      chunksNeeded(
        { boundTokens: 1_000_064, longestBoundTokens: 1_000_064, messages: 1 },
        { modelLimit: 128_000, maxOutput: 2048 },
      ),
    );
    expect(chunks).toBeLessThan(20);
  });
});
