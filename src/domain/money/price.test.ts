import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelPrice } from "../../contract/pricing.ts";
import { parseDecimal } from "./decimal.ts";
import { priceToUnits, unitsToPrice } from "./price.ts";

describe("a plain decimal", () => {
  test.each([
    ["0", 3, 0n],
    ["1.5", 3, 1500n],
    ["9999.999", 3, 9_999_999n],
    ["-0.000001", 6, -1n],
    ["9007199254740993.000001", 6, 9_007_199_254_740_993_000_001n],
  ])("%s with %d decimals counts units", (decimal, decimals, units) => {
    expect(parseDecimal(decimal, decimals)).toBe(units);
  });

  test.each(["", ".5", "1.", "1e3", "0x1", "1.2.3", " 1", "1\n", "+1", "--1", "1.2345"])("refuses %j", (decimal) => {
    expect(() => parseDecimal(decimal, 3)).toThrow("decimal string");
  });
});

describe("a price", () => {
  const micro = fc.bigInt(0n, 999_999_999_999n);
  const prices = fc.record({
    alias: fc.constant("a"),
    providerModel: fc.constant("some/model"),
    contextLimit: fc.integer({ min: 2048, max: 10_000_000 }),
    multiplierMilli: fc.bigInt(1n, 9_999_999n),
    inputMicroUsdPerMillion: micro,
    cachedMicroUsdPerMillion: micro,
    outputMicroUsdPerMillion: micro,
  });

  test("is the same in units and on the wire, to the last digit", () => {
    fc.assert(
      fc.property(prices, (units) => {
        const price = unitsToPrice(units);
        expect(ModelPrice.parse(price)).toEqual(price);
        expect(priceToUnits(price)).toEqual(units);
      }),
    );
  });
});
