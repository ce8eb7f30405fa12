import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assignment, StepResult } from "../../contract/step-results.ts";
import type { ModeInput, StepTrace } from "../plan/mode-rules.ts";
import { managerKey, type PlannedStep } from "../plan/plan.ts";
import { maxReplies } from "./mode.ts";
import { orchestrator } from "./orchestrator.ts";

type Says = (step: PlannedStep) => StepResult | null;

const whole = { seed: "turn", wantsForm: false };
const inputOf = (agentKeys: readonly string[], rounds = 3): ModeInput => ({ agentKeys, rounds, ...whole });
const four = inputOf(["ada", "bob", "cyd", "dan"]);

/** The turn as the engine makes it: what follows a group is asked of each of its steps as if it were the last to end. */
function play(input: ModeInput, says: Says): readonly PlannedStep[] {
  const steps = [...orchestrator.begin(input)];
  let group: readonly PlannedStep[] = steps;
  while (group.length > 0) {
    const ended = group.map((step): StepTrace => ({ ...step, isDone: true, result: says(step) }));
    const open = steps.map(
      (step): StepTrace => ({ ...step, isDone: false, result: step.purpose === "agent" ? null : says(step) }),
    );
    const answers = ended.map((last) => orchestrator.next(input, last, open));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    group = answers[0] ?? [];
    steps.push(...group);
    if (steps.length > 100) throw new Error("it does not end");
  }
  return steps;
}

const assign = (...keys: readonly string[]): readonly Assignment[] =>
  keys.map((agent_key, place) => ({ agent_key, instruction: `Task ${place} of ${keys.join("+")}` }));
const plain = { order: "parallel", reason: "", is_fallback: false } as const;
const route = (assignments: readonly Assignment[], order: "parallel" | "sequence" = "parallel"): StepResult => ({
  ...plain,
  kind: "routing",
  assignments: [...assignments],
  order,
});
const judge = (verdict: "continue" | "finish", assignments: readonly Assignment[] = []): StepResult => ({
  ...plain,
  kind: "evaluation",
  verdict,
  assignments: [...assignments],
});
const goOn = (assignments: readonly Assignment[]) => judge("continue", assignments);
const finish = judge("finish");

const script =
  (first: StepResult | null, ...later: readonly (StepResult | null)[]): Says =>
  ({ purpose, round }) => {
    if (purpose === "route") return first;
    return purpose === "evaluate" ? (later[round - 1] ?? null) : null;
  };
const course = (steps: readonly PlannedStep[]) =>
  steps.map(({ purpose, agentKey, round }) => (purpose === "agent" ? `${agentKey}${round}` : purpose)).join(" ");

describe("a manager's turn", () => {
  it("asks those who were chosen, judges, asks others, and sums up", () => {
    const steps = play(four, script(route(assign("bob", "ada")), goOn(assign("cyd")), finish));
    expect(course(steps)).toBe("route bob1 ada1 evaluate cyd2 evaluate synthesize");
    expect(steps.map(({ sees }) => sees)).toEqual([[], [], [], [1, 2], [1, 2], [1, 2, 4], [1, 2, 4]]);
    expect(steps.map(({ after }) => after)).toEqual([[], [0], [0], [1, 2], [3], [4], [5]]);
    expect(steps.map(({ agentKey }) => agentKey === managerKey)).toEqual([true, false, false, true, false, true, true]);
  });

  it("gives each its own instruction and nobody else's", () => {
    const steps = play(four, script(route(assign("bob", "ada")), finish));
    expect(steps.map(({ instruction }) => instruction)).toEqual([
      null,
      "Task 0 of bob+ada",
      "Task 1 of bob+ada",
      null,
      null,
    ]);
  });

  it("lets them speak one after the other when the manager says so, each seeing those before", () => {
    const steps = play(four, script(route(assign("cyd", "ada", "bob"), "sequence"), finish));
    expect(steps.slice(1, 4).map(({ after, sees }) => [after, sees])).toEqual([
      [[0], []],
      [[1], [1]],
      [[2], [1, 2]],
    ]);
  });

  it("judges nothing after the last round", () => {
    const says = script(route(assign("ada")), goOn(assign("bob")), goOn(assign("cyd")), goOn(assign("dan")));
    expect(course(play(four, says))).toBe("route ada1 evaluate bob2 evaluate cyd3 synthesize");
    expect(course(play(inputOf(["ada", "bob"], 1), says))).toBe("route ada1 synthesize");
  });

  it.each([
    ["no routing at all", null],
    ["one of nobody seated", route(assign("zoe", managerKey))],
    ["an empty one", route([])],
    ["an evaluation instead", goOn(assign("dan"))],
  ])("asks the first of the roster when there is %s", (_case, result) => {
    expect(course(play(four, script(result, finish)))).toBe("route ada1 bob1 cyd1 evaluate synthesize");
  });

  it.each([
    ["it failed", null],
    ["it is a routing", route(assign("bob"))],
    ["it goes on with nobody", goOn([])],
    ["it goes on with nobody seated", goOn(assign("zoe"))],
    ["it asks the same of the same", goOn([{ agent_key: "ada", instruction: "  task 0\nOF ada " }])],
  ])("ends when a judgement leads nowhere: %s", (_case, result) => {
    expect(course(play(four, script(route(assign("ada")), result)))).toBe("route ada1 evaluate synthesize");
  });

  it("drops who is asked twice in a round, and more than three", () => {
    const says = script(route(assign("ada", "ada", "bob", "cyd", "dan")), finish);
    expect(course(play(four, says))).toBe("route ada1 bob1 cyd1 evaluate synthesize");
  });

  it("lets nobody speak in three rounds running", () => {
    const says = script(route(assign("ada", "bob")), goOn(assign("ada", "cyd")), goOn(assign("bob", "ada", "cyd")));
    expect(course(play(four, says))).toBe("route ada1 bob1 evaluate ada2 cyd2 evaluate bob3 cyd3 synthesize");
    const alone = script(route(assign("ada")), goOn(assign("ada", "x")), goOn(assign("ada", "y")));
    expect(course(play(inputOf(["ada"]), alone))).toBe("route ada1 evaluate ada2 synthesize");
  });
});

const keys = ["ada", "bob", "cyd", "dan", "eve"];
const anyAssignment = fc.record({
  agent_key: fc.constantFrom(...keys, "zoe", managerKey, "__proto__"),
  instruction: fc.constantFrom("a", "b", " A", "c", ""),
});
const anyResult: fc.Arbitrary<StepResult | null> = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyAssignment, { maxLength: 12 }).map(goOn) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.array(anyAssignment, { maxLength: 12 }), fc.constantFrom("parallel" as const, "sequence" as const))
      .map(([list, order]) => route(list, order)),
  },
  fc.constant(null),
  fc.constant(finish),
  fc.constant<StepResult>({ kind: "vote", choice: "ada", confidence: 1, reason: "", is_fallback: false }),
);
const anyPlay = fc.record({
  agentKeys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }),
  rounds: fc.integer({ min: 1, max: 5 }),
  results: fc.array(anyResult, { minLength: 8, maxLength: 8 }),
});

describe("whatever a manager says", () => {
  it("its turn keeps within every bound and ends with one synthesis", () => {
    let longest = 0;
    fc.assert(
      fc.property(anyPlay, ({ agentKeys, rounds, results }) => {
        const input = inputOf(agentKeys, rounds);
        const steps = play(input, ({ index }) => results[index % results.length] ?? null);
        longest = Math.max(longest, steps.length);
        const replies = steps.filter(({ purpose }) => purpose === "agent");
        const spoken = replies.map(({ agentKey, round }) => `${agentKey} ${round}`);
        expect(new Set(spoken).size).toBe(spoken.length);
        for (const { agentKey } of replies) expect(agentKeys).toContain(agentKey);
        for (const round of [1, 2, 3])
          expect(replies.filter((step) => step.round === round).length).toBeLessThanOrEqual(3);
        expect(Math.max(...replies.map(({ round }) => round))).toBeLessThanOrEqual(Math.min(rounds, 3));
        expect(replies.length).toBeLessThanOrEqual(12);
        expect(replies.length).toBeGreaterThan(0);
        expect(steps.map(({ purpose }) => purpose).filter((purpose) => purpose === "synthesize")).toHaveLength(1);
        expect(steps.at(-1)).toMatchObject({ purpose: "synthesize", agentKey: managerKey });
        expect(steps.map(({ index }) => index)).toEqual(steps.map((_, index) => index));
        for (const { index, after } of steps) expect(after.every((earlier) => earlier < index)).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(longest).toBeGreaterThan(9);
  });

  it("its turn is no longer than what is quoted, and no step sees more", () => {
    fc.assert(
      fc.property(anyPlay, ({ agentKeys, rounds, results }) => {
        const input = inputOf(agentKeys, rounds);
        const steps = play(input, ({ index }) => results[index % results.length] ?? null);
        const most = orchestrator.most(input);
        for (const { purpose, agentKey, round, sees } of steps) {
          const alike = most.filter(
            (step) => step.purpose === purpose && step.agentKey === agentKey && step.round >= round,
          );
          expect(Math.max(-1, ...alike.map((step) => step.sees.length))).toBeGreaterThanOrEqual(sees.length);
        }
        expect(maxReplies("orchestrator", input)).toBeGreaterThanOrEqual(
          steps.filter(({ purpose }) => purpose === "agent" || purpose === "synthesize").length,
        );
      }),
    );
  });
});

it("usually asks once, judges and sums up", () => {
  expect(course(orchestrator.usual(four))).toBe("route ada1 bob1 cyd1 evaluate synthesize");
  expect(course(orchestrator.usual(inputOf(["ada"], 1)))).toBe("route ada1 synthesize");
});
