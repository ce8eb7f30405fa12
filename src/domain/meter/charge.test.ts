import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCredits, parseCredits, unitsPerCredit } from "../money/credits.ts";
import { creditUnits, formatOe, oeHundredths } from "./charge.ts";

const tokens = (fresh: bigint, cached: bigint, output: bigint) => ({
  freshTokens: fresh,
  cachedTokens: cached,
  outputTokens: output,
});
const count = fc.bigInt(-5n, 2n ** 40n);
const anyTokens = fc.tuple(count, count, count).map(([fresh, cached, output]) => tokens(fresh, cached, output));

describe("the charge", () => {
  test("100 fresh, 50 cached and 10 output tokens are 50 OE, and 0.005 credits at multiplier 1", () => {
    const hundredths = oeHundredths(tokens(100n, 50n, 10n));
    expect(hundredths).toBe(5000n);
    expect(formatOe(hundredths)).toBe("50");
    expect(creditUnits(hundredths, 1000n)).toBe(parseCredits("0.005"));
  });

  test.each([
    [tokens(1n, 0n, 0n), "0.35"],
    [tokens(0n, 1n, 0n), "0.1"],
    [tokens(0n, 0n, 1n), "1"],
    [tokens(0n, 0n, 0n), "0"],
    [tokens(-1n, -9n, -3n), "0"],
    [tokens(-1n, 0n, 7n), "7"],
  ])("%o is %s OE", (charged, oe) => {
    expect(formatOe(oeHundredths(charged))).toBe(oe);
  });

  test.each([
    [500n, "0.0025"],
    [800n, "0.004"],
    [1200n, "0.006"],
    [2000n, "0.01"],
    [1500n, "0.0075"],
  ])("a multiplier of %d thousandths makes 50 OE cost %s credits", (multiplierMilli, credits) => {
    expect(formatCredits(creditUnits(5000n, multiplierMilli))).toBe(credits);
  });

  test("units are OE × multiplier / 10 000 with nothing rounded away", () => {
    fc.assert(
      fc.property(anyTokens, fc.bigInt(0n, 100_000n), (charged, multiplierMilli) => {
        const hundredths = oeHundredths(charged);
        expect(creditUnits(hundredths, multiplierMilli) * 100n * 1000n * 10_000n).toBe(
          hundredths * multiplierMilli * unitsPerCredit,
        );
      }),
    );
  });

  test("two calls charge what their sum charges", () => {
    const natural = fc.bigInt(0n, 2n ** 40n);
    fc.assert(
      fc.property(fc.array(natural, { minLength: 6, maxLength: 6 }), fc.bigInt(1n, 9999n), (counts, multiplier) => {
        const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = counts;
        const apart = [tokens(a, b, c), tokens(d, e, f)].map((each) => creditUnits(oeHundredths(each), multiplier));
        expect(creditUnits(oeHundredths(tokens(a + d, b + e, c + f)), multiplier)).toBe(
          (apart[0] ?? 0n) + (apart[1] ?? 0n),
        );
      }),
    );
  });

  test("the largest usage that can be reported stays within a signed 64-bit column up to multiplier 60", () => {
    const largest = oeHundredths(tokens(2n ** 40n, 0n, 2n ** 40n));
    expect(creditUnits(largest, 60_000n) < 2n ** 63n).toBe(true);
  });
});
