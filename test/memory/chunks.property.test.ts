import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyInput, chunksOf } from "./any-input.ts";

describe("the chunks of any history", () => {
  test("hold each code point of each message once, in order, and end", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const chunks = chunksOf(input);
        expect(chunks.at(-1)?.cursorAfter).toBeNull();
        const texts = new Map<string, string>();
        for (const { id, from, to, text } of chunks.flatMap(({ messages }) => messages)) {
          const before = texts.get(id) ?? "";
          expect([from, to - from]).toEqual([[...before].length, [...text].length]);
          texts.set(id, before + text);
        }
        expect([...texts]).toEqual(input.messages.map(({ id, text }) => [id, text]));
      }),
      { numRuns: 150 },
    );
  });

  test("name in their refs exactly what they show", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const open = input.entries.filter(({ status }) => status === "open").map(({ id }) => id);
        for (const { refs, messages, promptMessages } of chunksOf(input)) {
          const content = promptMessages[1]?.content ?? "";
          expect(messages.map(({ ref }) => refs.get(ref))).toEqual(messages.map(({ id }) => id));
          expect(messages.filter(({ ref }) => !content.includes(`${ref} (turn `))).toEqual([]);
          const known = [...refs].slice(0, refs.size - messages.length);
          expect(known.filter(([ref, id]) => !open.includes(id) || !content.includes(`${ref}: `))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("never go back, and call a turn covered only when all of it is", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        let covered = 0;
        const seen = new Map<string, number>();
        for (const chunk of chunksOf(input)) {
          for (const { id, to } of chunk.messages) seen.set(id, to);
          expect(chunk.throughTurnIndexAfter).toBeGreaterThanOrEqual(covered);
          covered = chunk.throughTurnIndexAfter;
          const due = input.messages.filter(({ turn_index }) => turn_index <= covered);
          expect(due.map(({ id }) => seen.get(id))).toEqual(due.map(({ length }) => length));
        }
        expect(covered).toBe(input.through_turn_index);
      }),
      { numRuns: 100 },
    );
  });

  test("hold no quote but their own, whatever was said", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const { promptMessages, messages } of chunksOf(input)) {
          const content = promptMessages[1]?.content ?? "";
          const opened = content.match(/<(?:message|error) /g)?.length ?? 0;
          const closed = content.match(/<\/(?:message|error)>/g)?.length ?? 0;
          expect([opened, closed]).toEqual([messages.length, messages.length]);
          expect(content.match(/</g)?.length).toBe(
            2 * messages.length + 2 * (content.match(/<summary>/g)?.length ?? 0),
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
