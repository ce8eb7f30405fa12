import fc from "fast-check";
import { expect, it } from "vitest";
import { formatApiKey, parseApiKey } from "./api-key.ts";

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
    .map((digits) => digits.join(""));
const parts = fc.record({ short: hex(16), long: hex(48) });

it("reads back every key it wrote", () => {
  fc.assert(
    fc.property(parts, (key) => {
      expect(parseApiKey(formatApiKey(key))).toEqual({ ...key });
    }),
  );
});

it("refuses a key with any one digit changed", () => {
  fc.assert(
    fc.property(parts, fc.nat(63), hex(1), (key, place, digit) => {
      const token = formatApiKey(key);
      const at = place < 16 ? 9 + place : 10 + place;
      fc.pre(token[at] !== digit);
      expect(parseApiKey(token.slice(0, at) + digit + token.slice(at + 1))).toBeNull();
    }),
  );
});

it.each(["", "pan_live_", "pan_live_x_y", "pan_test_0123456789abcdef_", "Bearer x"])("refuses %j", (junk) => {
  expect(parseApiKey(junk)).toBeNull();
});
