import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headOf, headWithin, utf8Bytes } from "./utf8.ts";

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom("a", "é", "漢", "🏛️", "\ud800", "\udc00"), fc.string({ unit: "binary" })),
});

describe("utf-8", () => {
  test("bytes are what an encoder makes of any text, unpaired surrogates included", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });

  test("a head is a prefix of at most so many units that never splits a pair", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: -2, max: 30 }), (text, units) => {
        const head = headOf(text, units);
        expect(text.startsWith(head)).toBe(true);
        expect(head.length).toBeLessThanOrEqual(Math.max(0, units));
        expect(head.length).toBeGreaterThanOrEqual(Math.min(text.length, units) - 1);
        expect(/\p{Surrogate}/u.test(head)).toBe(false);
      }),
    );
  });

  test("a head within so many bytes is the longest prefix of whole characters that fits", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: -2, max: 60 }), (text, bytes) => {
        const head = headWithin(text, bytes);
        const [next = ""] = text.slice(head.length);
        expect(text.startsWith(head)).toBe(true);
        expect(utf8Bytes(head)).toBeLessThanOrEqual(Math.max(0, bytes));
        if (next !== "") expect(utf8Bytes(head + next)).toBeGreaterThan(bytes);
      }),
    );
  });
});
