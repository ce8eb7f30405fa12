import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costUsdPico, maxCostUsdPico } from "./cost.ts";

describe("provider cost", () => {
  test.each([
    ["0", 0n],
    ["0.000", 0n],
    ["1", 1_000_000_000_000n],
    ["0.00014", 140_000_000n],
    ["1.4e-4", 140_000_000n],
    ["1.4E-4", 140_000_000n],
    ["14e-5", 140_000_000n],
    [" 0.5 ", 500_000_000_000n],
    [".5", 500_000_000_000n],
    ["5.", 5_000_000_000_000n],
    ["+0.5", 500_000_000_000n],
    ["0.000000000001", 1n],
    ["0.0000000000001", 1n],
    ["0.0000000000010", 1n],
    ["0.0000000000011", 2n],
    ["0.100000000000000001", 100_000_000_001n],
    ["1e-99999999999999999999", 1n],
    ["1e99999999999999999999", maxCostUsdPico],
    ["1000000", maxCostUsdPico],
    ["999999.999999999999", maxCostUsdPico - 1n],
    ["-0.5", 0n],
    ["-0", 0n],
    [0.00014, 140_000_000n],
    [1e-7, 100_000n],
    [1e21, maxCostUsdPico],
    [-3, 0n],
    [0, 0n],
  ])("reads %j exactly", (cost, pico) => {
    expect(costUsdPico(cost)).toBe(pico);
  });

  test.each(["", " ", ".", "-", "e5", "1e", "1.2.3", "0x10", "1,5", "free", "NaN", "Infinity"])(
    "%j is no cost",
    (cost) => {
      expect(costUsdPico(cost)).toBeNull();
    },
  );

  test.each([[NaN], [Infinity], [null], [undefined], [true], [{}], [[1]]])("%j is no cost either", (cost) => {
    expect(costUsdPico(cost)).toBeNull();
  });

  test("any decimal of up to twelve places is exact, however it is written", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, maxCostUsdPico), fc.integer({ min: 0, max: 30 }), (pico, shift) => {
        expect(costUsdPico(`${pico}e-12`)).toBe(pico);
        expect(costUsdPico(`${pico}${"0".repeat(shift)}e-${12 + shift}`)).toBe(pico);
        expect(costUsdPico(`0.${"0".repeat(shift)}${pico}e${shift + pico.toString().length - 12}`)).toBe(pico);
      }),
    );
  });

  test("what is finer than a unit is rounded up and never down", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 17n), fc.stringMatching(/^[0-9]{1,20}$/), (pico, finer) => {
        expect(costUsdPico(`${pico}.${finer}e-12`)).toBe(/[1-9]/.test(finer) ? pico + 1n : pico);
      }),
    );
  });

  test("a million digits are read without building their number", () => {
    expect(costUsdPico("9".repeat(1_000_000))).toBe(maxCostUsdPico);
    expect(costUsdPico(`0.${"9".repeat(1_000_000)}`)).toBe(1_000_000_000_000n);
    expect(costUsdPico(`${"1".repeat(1_000_000)}x`)).toBeNull();
  });
});
