import fc from "fast-check";
import { expect, test } from "vitest";
import { type FittedWindow, fitWindow, windowMessages } from "../../src/domain/context/fit-window.ts";
import { anyWindow } from "./any-window.ts";

/** How much of each message is in. */
const keptById = (window: FittedWindow) => new Map(windowMessages(window).map(({ id, tokens }) => [id, tokens]));

test("a larger model never loses what a smaller one kept, the summary's lines included", () => {
  fc.assert(
    fc.property(anyWindow, fc.integer({ min: 1, max: 40_000 }), ({ input }, otherLimit) => {
      const windows = [fitWindow(input), fitWindow({ ...input, modelLimit: otherLimit })];
      const [smaller, larger] = windows.toSorted((left, right) => left.budget.inputBudget - right.budget.inputBudget);
      if (smaller === undefined || larger === undefined) throw new Error("two windows were made");
      const kept = keptById(larger);
      for (const [id, tokens] of keptById(smaller)) expect(kept.get(id)).toBeGreaterThanOrEqual(tokens);
      if (larger.rejected !== null) expect(smaller.rejected).not.toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("the next larger budget never loses what this one kept", () => {
  fc.assert(
    fc.property(anyWindow, fc.integer({ min: 2048, max: 20_000 }), ({ input }, limit) => {
      const atLimit = keptById(fitWindow({ ...input, modelLimit: limit }));
      const above = keptById(fitWindow({ ...input, modelLimit: limit + 1 }));
      for (const [id, tokens] of atLimit) expect(above.get(id)).toBeGreaterThanOrEqual(tokens);
    }),
    { numRuns: 300 },
  );
});

test("fitted again it is the same window, with nothing further cut", () => {
  fc.assert(
    fc.property(anyWindow, ({ input }) => {
      const once = fitWindow(input);
      const summary = input.summary && once.summary && { ...input.summary, message: once.summary };
      const twice = fitWindow({ ...input, summary, history: once.history, current: once.current });
      expect(windowMessages(twice)).toEqual(windowMessages(once));
      expect(twice.cuts).toEqual(once.cuts.filter((cut) => "keptCharacters" in cut));
      expect(twice.rejected).toEqual(once.rejected);
    }),
  );
});

test("it is the same for the same input", () => {
  fc.assert(
    fc.property(anyWindow, ({ input }) => {
      expect(fitWindow(structuredClone(input))).toEqual(fitWindow(input));
    }),
  );
});
