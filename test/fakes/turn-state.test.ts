import fc from "fast-check";
import { expect, it } from "vitest";
import { rulesByMode } from "../../src/domain/modes/mode.ts";
import type { PlannedStep } from "../../src/domain/plan/plan.ts";
import {
  addSteps,
  beginTurn,
  cancelTurn,
  endStep,
  isTurnOver,
  returnStep,
  startStep,
  type TurnState,
} from "./turn-state.ts";

const roster = fc.record({
  agentKeys: fc.uniqueArray(fc.constantFrom("ada", "bob", "cyd", "dan", "eve"), { minLength: 1 }),
  rounds: fc.integer({ min: 1, max: 4 }),
});
const anyMode = fc.constantFrom(...Object.values(rulesByMode));

/** Any acyclic graph: each step may wait for any of those before it. */
const anyGraph: fc.Arbitrary<readonly PlannedStep[]> = fc
  .array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    rows.map((row, index) => {
      const after = index === 0 ? [] : [...new Set(row.map((each) => each % index))];
      return { index, purpose: "agent", agentKey: "ada", round: 1, after, sees: after, instruction: null };
    }),
  );
const anySteps = fc.oneof(
  anyGraph,
  fc.tuple(anyMode, roster).map(([mode, input]) => mode.most({ ...input, seed: "turn", wantsForm: false })),
);

type Move = readonly [kind: "start" | "return" | "done" | "failed" | "cancel", index: number];
const moves = fc.array(
  fc.tuple(fc.constantFrom<Move[0]>("start", "start", "return", "done", "done", "failed", "cancel"), fc.nat(20)),
  { maxLength: 80 },
);

function apply(turn: TurnState, [kind, index]: Move): TurnState {
  switch (kind) {
    case "start":
      return startStep(turn, index);
    case "return":
      return returnStep(turn, index);
    case "done":
    case "failed":
      return endStep(turn, index, kind);
    case "cancel":
      return cancelTurn(turn);
  }
}

function drive(turn: TurnState): TurnState {
  let driven = turn;
  for (let step = 0; step < turn.steps.length * 2 && !isTurnOver(driven); step += 1) {
    driven.stepStates.forEach((_, index) => {
      driven = endStep(startStep(driven, index), index, "done");
    });
  }
  return driven;
}

it("ends from every state that any moves can reach", () => {
  fc.assert(
    fc.property(anySteps, moves, (steps, played) => {
      const reached = played.reduce(apply, beginTurn(steps));
      expect(isTurnOver(drive(reached))).toBe(true);
    }),
  );
});

it("never changes once it is over", () => {
  fc.assert(
    fc.property(anySteps, moves, moves, (steps, before, after) => {
      const over = drive(before.reduce(apply, beginTurn(steps)));
      expect(after.reduce(apply, over)).toBe(over);
    }),
  );
});

it("runs no step before those it waits for have ended", () => {
  fc.assert(
    fc.property(anySteps, moves, (steps, played) => {
      let turn = beginTurn(steps);
      for (const move of played) {
        turn = apply(turn, move);
        for (const step of turn.steps) {
          if (turn.stepStates[step.index] !== "running") continue;
          expect(step.after.every((index) => ["done", "failed"].includes(turn.stepStates[index] ?? ""))).toBe(true);
        }
      }
    }),
  );
});

it("always has something to do while it is open", () => {
  fc.assert(
    fc.property(anySteps, moves, (steps, played) => {
      const turn = played.reduce(apply, beginTurn(steps));
      fc.pre(!isTurnOver(turn));
      expect(turn.stepStates.some((state) => state === "ready" || state === "running")).toBe(true);
    }),
  );
});

it.each([
  [["done", "done"], "completed"],
  [["done", "failed"], "partial"],
  [["failed", "failed"], "failed"],
] as const)("ends %j as %s", (outcomes, status) => {
  const steps = rulesByMode.roundtable.begin({ agentKeys: ["ada", "bob"], rounds: 1, seed: "turn", wantsForm: false });
  const ended = outcomes.reduce(
    (turn, outcome, index) => endStep(startStep(turn, index), index, outcome),
    beginTurn(steps),
  );
  expect(ended.status).toBe(status);
});

it("waits for steps that a manager adds", () => {
  const [manager] = rulesByMode.roundtable.begin({ agentKeys: ["ada"], rounds: 1, seed: "turn", wantsForm: false });
  if (manager === undefined) throw new Error("a roster of one makes a step");
  const running = startStep(beginTurn([manager]), 0);
  const grown = addSteps(running, [{ ...manager, index: 1, after: [0], sees: [0] }]);
  const routed = endStep(grown, 0, "done");
  expect(routed.stepStates).toEqual(["done", "ready"]);
  expect(endStep(startStep(routed, 1), 1, "done").status).toBe("completed");
});
