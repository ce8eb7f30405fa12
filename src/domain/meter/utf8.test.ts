import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headOf, utf8Bytes } from "./utf8.ts";

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
});
