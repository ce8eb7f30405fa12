import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCompletion } from "../../domain/meter/wire.ts";
import { createWireTally } from "./wire-tally.ts";

const encoder = new TextEncoder();

function said(content: string): string {
  return `data: ${JSON.stringify({ id: "gen-1", model: "m", choices: [{ delta: { content } }] })}\n\n`;
}

const usage = 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"cost":0.1}}\n\n';

function tallyOf(bytes: Uint8Array, sizes: readonly number[]) {
  const tally = createWireTally();
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    tally.add(bytes.subarray(start, start + size));
    start += size;
  }
  return tally;
}

describe("a tally", () => {
  test("says of an answer in pieces what the reader says of the whole", () => {
    const words = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 4000 }), { maxLength: 60 });
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 });
    const separator = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(words, sizes, separator, (texts, pieceSizes, lineEnd) => {
        const whole = `${texts.map(said).join("")}${usage}data: [DONE]\n\n`.replaceAll("\n", lineEnd);
        const tally = tallyOf(encoder.encode(whole), [...pieceSizes, 9_999]);
        expect(tally.completion()).toEqual(readCompletion(whole));
      }),
      { numRuns: 60 },
    );
  });

  test("keeps little of a long stream and all of a JSON body", () => {
    const stream = tallyOf(encoder.encode(said("word ").repeat(20_000)), [10_000]);
    expect(stream.keptText().length).toBeLessThan(140_000);
    const body = JSON.stringify(
      { choices: [{ message: { content: "\n\n".repeat(100_000) } }], usage: { cost: 1 } },
      null,
      "\n\n",
    );
    const json = tallyOf(encoder.encode(body), [10_000]);
    expect(json.keptText()).toBe(body);
    expect(json.completion()).toMatchObject({ isComplete: true, usage: { cost: "1" } });
  });

  test("refuses an event that never ends", () => {
    const tally = createWireTally();
    const piece = encoder.encode("x".repeat(100_000));
    expect(() => Array.from({ length: 12 }, () => tally.add(piece))).toThrow("larger than any reply");
  });
});
