import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { countCodePoints, firstCodePoints, headWithin, tailWithin, utf8Bytes } from "../text/utf8.ts";
import { boundNarrative, largestThatFits } from "./fit.ts";

const anyText = fc.string({ unit: "binary", maxLength: 80 });

describe("a narrative", () => {
  it("that is too long keeps a third from its beginning and the rest from its end", () => {
    const story = boundNarrative(`${"a".repeat(100)}${"b".repeat(100)}`, 97);
    expect(story).toBe(`${"a".repeat(30)}\n[…]\n${"b".repeat(60)}`);
  });

  it("that is cut again has one gap, and the same beginning", () => {
    const once = boundNarrative(`${"a".repeat(100)}${"b".repeat(100)}`, 97);
    expect(boundNarrative(`${once}${"c".repeat(40)}`, 97)).toBe(
      `${"a".repeat(30)}\n[…]\n${"b".repeat(20)}${"c".repeat(40)}`,
    );
  });

  test("keeps any bound", () => {
    fc.assert(
      fc.property(anyText, fc.nat(200), (text, most) => {
        const bounded = boundNarrative(text, most);
        expect(utf8Bytes(bounded)).toBeLessThanOrEqual(most);
        expect(boundNarrative(bounded, most)).toBe(bounded);
      }),
    );
  });
});

describe("any text", () => {
  test("is cut to the longest head and tail within the bytes, between characters", () => {
    fc.assert(
      fc.property(anyText, fc.nat(100), (text, most) => {
        const characters = [...text];
        const head = headWithin(text, most);
        const tail = tailWithin(text, most);
        expect(head).toBe(characters.slice(0, [...head].length).join(""));
        expect(tail).toBe(characters.slice(characters.length - [...tail].length).join(""));
        const next = characters[[...head].length] ?? "";
        const before = characters[characters.length - [...tail].length - 1] ?? "";
        expect(utf8Bytes(head) <= most && (head === text || utf8Bytes(head + next) > most)).toBe(true);
        expect(utf8Bytes(tail) <= most && (tail === text || utf8Bytes(before + tail) > most)).toBe(true);
      }),
    );
  });

  test("is counted and begun by code points", () => {
    fc.assert(
      fc.property(anyText, fc.nat(100), (text, count) => {
        expect(countCodePoints(text)).toBe([...text].length);
        expect(firstCodePoints(text, count)).toBe([...text].slice(0, count).join(""));
      }),
    );
  });
});

test("the largest that fits is found", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (most, limit) => {
      expect(largestThatFits(most, (candidate) => candidate <= limit)).toBe(Math.min(most, limit));
    }),
  );
});
