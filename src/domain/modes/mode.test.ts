import fc from "fast-check";
import { expect, it } from "vitest";
import type { PlannedStep } from "../turn/plan.ts";
import { rulesByMode } from "./mode.ts";
import type { ModeGround, ModeRules, StepTrace } from "./mode-rules.ts";

const rosters = fc.record({
  agentKeys: fc.uniqueArray(fc.constantFrom("ada", "bob", "cyd", "dan"), { minLength: 1 }),
  rounds: fc.integer({ min: 1, max: 5 }),
  seed: fc.constant("turn"),
});

/** The whole turn as the engine makes it: the step that ends last is asked what follows. */
function plan(rules: ModeRules, ground: ModeGround) {
  const steps = [...rules.begin(ground)];
  for (const step of steps) steps.push(...(step === steps.at(-1) ? rules.next(ground, traceOf(step), []) : []));
  return steps;
}

const traceOf = (step: PlannedStep): StepTrace => ({ ...step, isDone: true, result: null });

it.each(Object.entries(rulesByMode))("lets in a %s turn each agent speak once a round, in order", (_mode, rules) => {
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
});

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

it.each(Object.entries(rulesByMode))("never becomes longer than what a %s turn is quoted for", (_mode, rules) => {
  fc.assert(
    fc.property(rosters, (roster) => {
      expect(plan(rules, roster)).toEqual(rules.most(roster));
    }),
  );
});

it("wants tags only in a manual turn", () => {
  expect([rulesByMode.manual.needsTags, rulesByMode.roundtable.needsTags]).toEqual([true, false]);
});
