import { expect, test } from "vitest";
import { excerptOf, readProviderError } from "./provider-error.ts";

test.each([
  ['{"error":{"code":502,"message":"gone"}}', { code: 502, message: "gone" }],
  ['{"error":{"code":"429"}}', { code: 429, message: "" }],
  ['{"error":"plain"}', { code: null, message: "plain" }],
  [
    'data: {"choices":[]}\n\ndata: {"error":{"code":408,"message":"late"},"choices":[]}\n\n',
    { code: 408, message: "late" },
  ],
  ['data: {"error":null,"choices":[{"delta":{"content":"\\"error\\": {}"}}]}\n\n', null],
  ['data: {"choices":[{"delta":{"content":"{\\"error\\":{\\"code\\":500}}"}}]}\n\n', null],
  ["", null],
  ['{"error"', null],
])("%s carries %j", (text, error) => {
  expect(readProviderError(text)).toEqual(error);
});

test("an excerpt is one line of at most 200 characters, without markup, keys or half a character", () => {
  const excerpt = excerptOf(
    `<b>the\tkey</b>\u0000 my-key-value, sk-or-v1-abcdefgh and bearer abc.def-123${"😀".repeat(200)}`,
    "my-key-value",
  );
  expect(excerpt.startsWith("the key [key], [key] and [key]😀")).toBe(true);
  expect(excerpt.length).toBeLessThanOrEqual(200);
  expect(() => encodeURIComponent(excerpt)).not.toThrow();
});
