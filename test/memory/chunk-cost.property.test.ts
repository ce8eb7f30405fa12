import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextBudget, estimateTokens } from "../../src/domain/context/budget.ts";
import type { ChunkInput, UnsummarizedMessage } from "../../src/domain/memory/chunk.ts";
import { chunksNeeded, maxChunkPromptTokens, maxSummaryTokens } from "../../src/domain/memory/chunk-bounds.ts";
import { chunkSize } from "../../src/domain/memory/fit.ts";
import { maxPromptTokens } from "../../src/domain/meter/bound.ts";
import { utf8Bytes } from "../../src/domain/text/utf8.ts";
import { anyInput, chunksOf } from "./any-input.ts";

/** As the database reckons the column bound_tokens. */
const escaped = (text: string) => utf8Bytes(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
const boundTokens = (message: UnsummarizedMessage) =>
  escaped(message.text) +
  6 * utf8Bytes(message.agent_name ?? "") +
  utf8Bytes(message.agent_key ?? "") +
  6 * utf8Bytes(message.error_type ?? "") +
  64;
const bulkOf = ({ messages }: Pick<ChunkInput, "messages">) => ({
  longestBoundTokens: Math.max(...messages.map(boundTokens)),
  boundTokens: messages.reduce((sum, message) => sum + boundTokens(message), 0),
  messages: messages.length,
});

describe("the chunks of any history", () => {
  test("fit the model's input, the bytes that are held for them, and the chunks that are", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { modelLimit, maxOutput } = input;
        const { inputBudget } = contextBudget({ modelLimit, maxOutput });
        const chunks = chunksOf(input);
        const largest = chunkSize(contextBudget({ modelLimit, maxOutput }));
        let bytesInAll = 0;
        for (const { promptMessages, format, maxOutputTokens } of chunks) {
          const contents = promptMessages.map(({ content }) => content);
          expect(contents.reduce((sum, content) => sum + estimateTokens(content), 0)).toBeLessThanOrEqual(inputBudget);
          expect(maxOutputTokens).toBe(contextBudget({ modelLimit, maxOutput }).outputReserve);
          expect(utf8Bytes(contents.join(""))).toBeLessThanOrEqual(largest.bytes);
          const bytes = maxPromptTokens(promptMessages) + utf8Bytes(JSON.stringify(format.schema));
          expect(bytes).toBeLessThanOrEqual(maxChunkPromptTokens(Number.MAX_SAFE_INTEGER, maxOutput, bulkOf(input)));
          bytesInAll += Math.min(bytes, contextBudget({ modelLimit, maxOutput }).modelLimit);
        }
        const all = maxSummaryTokens(bulkOf(input), { modelLimit, maxOutput });
        expect(bytesInAll).toBeLessThanOrEqual(all.promptTokens);
        expect(chunks.length).toBeLessThanOrEqual(all.chunks);
      }),
      { numRuns: 150 },
    );
  });

  test("get on even where a count leaves no room for a message at all", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const messages = input.messages.slice(0, 3);
        const chunks = chunksOf({ ...input, messages, modelLimit: 2048, tokenCount: utf8Bytes });
        expect(chunks.at(-1)?.cursorAfter).toBeNull();
        for (const { promptMessages } of chunks) {
          const bytes = promptMessages.reduce((sum, { content }) => sum + utf8Bytes(content), 0);
          expect(bytes).toBeLessThanOrEqual(
            chunkSize(contextBudget({ modelLimit: 2048, maxOutput: input.maxOutput })).bytes,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([1, 0.4, 0.1])("are as few as is said where a byte may count %d tokens", (tokensPerByte) => {
    fc.assert(
      fc.property(anyInput, fc.constantFrom(4096, 8192, 128_000), (input, modelLimit) => {
        const tokenCount = (text: string) => Math.round(utf8Bytes(text) * tokensPerByte);
        const { maxOutput } = input;
        const chunks = chunksOf({ ...input, modelLimit, tokenCount });
        const { inputBudget } = contextBudget({ modelLimit, maxOutput });
        const counts = chunks.map(({ promptMessages }) =>
          promptMessages.reduce((sum, { content }) => sum + tokenCount(content), 0),
        );
        expect(Math.max(...counts)).toBeLessThanOrEqual(inputBudget);
        expect(chunks.length).toBeLessThanOrEqual(
          chunksNeeded(bulkOf(input), { modelLimit, maxOutput }, tokensPerByte),
        );
      }),
      { numRuns: 60 },
    );
  });
});
