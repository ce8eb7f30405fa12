import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextBudget, estimateTokens } from "./budget.ts";

describe("the context budget", () => {
  test.each([
    [8192, 2048, 1638, 1024, 5530],
    [2048, 2048, 409, 1024, 615],
    [1, 2048, 409, 1024, 615],
    [128_000, 2048, 2048, 6400, 119_552],
    [20_480, 256, 256, 1024, 19_200],
    [1_000_000, 300_000, 200_000, 50_000, 750_000],
  ])("a limit of %d with at most %d out keeps %d, %d, %d", (limit, maxOutput, output, overhead, input) => {
    expect(contextBudget({ modelLimit: limit, maxOutput })).toEqual({
      modelLimit: Math.max(limit, 2048),
      outputReserve: output,
      overheadReserve: overhead,
      inputBudget: input,
    });
  });

  test("the three parts always make up the limit, and the input is never starved", () => {
    fc.assert(
      fc.property(fc.nat(20_000_000), fc.integer({ min: 256, max: 500_000 }), (modelLimit, maxOutput) => {
        const budget = contextBudget({ modelLimit, maxOutput });
        expect(budget.inputBudget + budget.outputReserve + budget.overheadReserve).toBe(budget.modelLimit);
        expect(budget.inputBudget).toBeGreaterThanOrEqual(615);
        expect(budget.outputReserve * 5).toBeLessThanOrEqual(budget.modelLimit);
      }),
    );
  });

  test.each([
    [0, 1],
    [1, 1],
    [3, 1],
    [4, 2],
    [16, 5],
    [17, 6],
    [1_000_000, 312_500],
  ])("a text of %d characters is estimated at %d tokens", (length, tokens) => {
    expect(estimateTokens("a".repeat(length))).toBe(tokens);
  });
});
