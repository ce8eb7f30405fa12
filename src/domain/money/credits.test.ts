import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creditDecimals, creditPattern, SignedCredits } from "../../contract/money.ts";
import { formatCredits, parseCredits, unitsPerCredit } from "./credits.ts";

const largestUnits = 999_999_999_999_999_999n;

describe("credits", () => {
  test("one credit is exactly ten to the number of decimals on the wire", () => {
    expect(unitsPerCredit).toBe(10n ** BigInt(creditDecimals));
  });

  test.each([
    ["0", 0n],
    ["0.0", 0n],
    ["1", 1_000_000_000n],
    ["12.5", 12_500_000_000n],
    ["0.000000001", 1n],
    ["0.005", 5_000_000n],
    ["100.10", 100_100_000_000n],
    ["999999999.999999999", largestUnits],
  ])("parses %s", (decimal, units) => {
    expect(parseCredits(decimal)).toBe(units);
  });

  test.each([
    "",
    " ",
    "-1",
    "+1",
    "1.",
    ".5",
    "01",
    "1e3",
    "1,5",
    "0.0000000001",
    "1234567890",
    "NaN",
    "0x10",
    "1\n",
    "١",
  ])("refuses %j", (decimal) => {
    expect(() => parseCredits(decimal)).toThrow("decimal string");
  });

  test.each([
    [0n, "0"],
    [1n, "0.000000001"],
    [-1n, "-0.000000001"],
    [-12_500_000_000n, "-12.5"],
    [unitsPerCredit, "1"],
    [10n * unitsPerCredit, "10"],
    [100_000_000n, "0.1"],
  ])("formats %d in the shortest way", (units, decimal) => {
    expect(formatCredits(units)).toBe(decimal);
  });

  test("every amount survives the wire to the last digit", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, largestUnits), (units) => {
        expect(parseCredits(formatCredits(units))).toBe(units);
      }),
    );
  });

  test("the same amount written with trailing zeros is the same amount", () => {
    fc.assert(
      fc.property(fc.stringMatching(creditPattern), (decimal) => {
        const shortest = formatCredits(parseCredits(decimal));
        expect(decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal).toBe(shortest);
      }),
    );
  });

  test("a negative balance is the positive one with a sign, and fits the wire", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, largestUnits), (units) => {
        expect(formatCredits(-units)).toBe(`-${formatCredits(units)}`);
        expect(SignedCredits.safeParse(formatCredits(-units)).success).toBe(true);
      }),
    );
  });
});
