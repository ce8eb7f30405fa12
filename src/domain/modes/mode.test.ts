import fc from "fast-check";
import { expect, it } from "vitest";
import type { ModeInput, ModeRules, StepTrace } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { maxReplies, roundsOf, rulesByMode } from "./mode.ts";

const rosters = fc.record({
  agentKeys: fc.uniqueArray(fc.constantFrom("ada", "bob", "cyd", "dan"), { minLength: 1 }),
  rounds: fc.integer({ min: 1, max: 5 }),
  seed: fc.constant("turn"),
  wantsForm: fc.boolean(),
});

/** The whole turn as the engine makes it: the step that ends last is asked what follows. */
function plan(rules: ModeRules, input: ModeInput) {
  const steps = [...rules.begin(input)];
  for (const step of steps) steps.push(...(step === steps.at(-1) ? rules.next(input, traceOf(step), []) : []));
  return steps;
}

const traceOf = (step: PlannedStep): StepTrace => ({ ...step, isDone: true, result: null });

const { manual, roundtable } = rulesByMode;

it.each(Object.entries({ manual, roundtable }))(
  "lets in a %s turn each agent speak once a round, in order",
  (_mode, rules) => {
    fc.assert(
      fc.property(rosters, (roster) => {
        const steps = plan(rules, roster);
        expect(steps.map(({ index }) => index)).toEqual(steps.map((_, index) => index));
        const wanted = Array.from({ length: roster.rounds }, (_, round) =>
          roster.agentKeys.map((key) => [key, round + 1]),
        ).flat();
        expect(steps.map(({ agentKey, round }) => [agentKey, round])).toEqual(wanted);
      }),
    );
  },
);

it("chains a round table: each waits for the one before and sees all before it", () => {
  fc.assert(
    fc.property(rosters, (roster) => {
      for (const { index, after, sees } of plan(rulesByMode.roundtable, roster)) {
        expect(after).toEqual(index === 0 ? [] : [index - 1]);
        expect(sees).toEqual(Array.from({ length: index }, (_, earlier) => earlier));
      }
    }),
  );
});

it("lets tagged agents speak side by side: each waits for the round before, and sees no other of its own", () => {
  fc.assert(
    fc.property(rosters, (roster) => {
      const steps = plan(rulesByMode.manual, roster);
      for (const { round, after, sees } of steps) {
        const before = (wanted: number) => steps.filter((step) => step.round === wanted).map(({ index }) => index);
        expect(after).toEqual(before(round - 1));
        expect(sees).toEqual(steps.filter((step) => step.round < round).map(({ index }) => index));
      }
    }),
  );
});

/** All but the orchestrator, whose course is the manager's to say. */
const fixed = Object.entries(rulesByMode).filter(([mode]) => mode !== "orchestrator");

it.each(fixed)("knows the course of a %s turn from the start", (_mode, rules) => {
  fc.assert(
    fc.property(rosters, (roster) => {
      expect(plan(rules, roster)).toEqual(rules.most(roster));
      expect(rules.usual(roster)).toEqual(rules.most(roster));
    }),
  );
});

it.each(Object.entries(rulesByMode))(
  "plans in a %s turn steps in order, each after and seeing earlier ones",
  (_mode, rules) => {
    fc.assert(
      fc.property(rosters, (roster) => {
        for (const steps of [rules.begin(roster), rules.usual(roster), rules.most(roster)]) {
          expect(steps.map(({ index }) => index)).toEqual(steps.map((_, index) => index));
          for (const { index, after } of steps) expect(after.every((earlier) => earlier < index)).toBe(true);
        }
      }),
    );
  },
);

it("wants tags only in a manual turn", () => {
  const tagged = Object.entries(rulesByMode).flatMap(([mode, { needsTags }]) => (needsTags ? [mode] : []));
  expect(tagged).toEqual(["manual"]);
});

it.each([
  ["manual", null, 1],
  ["roundtable", 4, 4],
  ["orchestrator", null, 3],
  ["orchestrator", 1, 1],
  ["orchestrator", 5, 3],
  ["council", 5, 1],
  ["debate", null, 2],
  ["debate", 1, 1],
  ["debate", 5, 5],
] as const)("gives a %s turn that asks for %j rounds %i", (mode, asked, rounds) => {
  expect(roundsOf(mode, asked)).toBe(rounds);
});

it.each([
  ["manual", 2, 8],
  ["roundtable", 3, 12],
  ["orchestrator", 3, 10],
  ["council", 1, 5],
  ["debate", 2, 12],
] as const)("counts what a %s turn of %i rounds and four agents may say at most: %i", (mode, rounds, replies) => {
  expect(maxReplies(mode, { agentKeys: ["ada", "bob", "cyd", "dan"], rounds, seed: "turn", wantsForm: false })).toBe(
    replies,
  );
});
