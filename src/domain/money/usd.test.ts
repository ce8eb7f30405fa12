import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unitsPerCredit } from "./credits.ts";
import { isLowBalance, lowBalanceUnits } from "./low-balance.ts";
import { unitsToUsd, usdPerCredit } from "./usd.ts";

describe("credits in dollars", () => {
  test.each([
    [0n, "0"],
    [1n, "0.00000000003"],
    [unitsPerCredit, "0.03"],
    [100n * unitsPerCredit, "3"],
    [-unitsPerCredit, "-0.03"],
    [2n ** 63n - 1n, "276701161.10564327421"],
  ])("%i units are %s", (units, usd) => {
    expect(unitsToUsd(units)).toBe(usd);
  });

  test("are the price of one credit, taken as often as there are credits", () => {
    expect(usdPerCredit).toBe("0.03");
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), (credits) => {
        expect(Number(unitsToUsd(credits * unitsPerCredit))).toBeCloseTo(Number(credits) * Number(usdPerCredit), 2);
      }),
    );
  });
});

describe("a balance", () => {
  test.each([
    [0n, true],
    [lowBalanceUnits - 1n, true],
    [lowBalanceUnits, false],
    [lowBalanceUnits + 1n, false],
  ])("of %i units is low: %s", (units, isLow) => {
    expect(isLowBalance(units)).toBe(isLow);
  });

  test("is low below five credits", () => {
    expect(lowBalanceUnits).toBe(5n * unitsPerCredit);
  });
});
