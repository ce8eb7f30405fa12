import fc from "fast-check";
import { expect, it } from "vitest";
import { storable, storableValue } from "./storable.ts";

it("replaces what Postgres refuses, and nothing else", () => {
  expect(storable("a\0b\ud800c\udc00 😀 é\n")).toBe("a\ufffdb\ufffdc\ufffd 😀 é\n");
});

it("makes of any text one that is well formed, has no NUL, and stays the same the second time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const kept = storable(text);
      expect([/\p{Surrogate}/u.test(kept), kept.includes("\0"), storable(kept) === kept]).toEqual([false, false, true]);
    }),
  );
});

it("keeps the shape of JSON, in which every text and name becomes storable", () => {
  const value = { "a\0": ["\ud800", { b: "\0x", c: [1, true, null] }], d: "fine" };
  expect(storableValue(value)).toEqual({ "a\uFFFD": ["\uFFFD", { b: "\uFFFDx", c: [1, true, null] }], d: "fine" });
  expect(storableValue(null)).toBeNull();
});
