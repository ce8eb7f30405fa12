import { describe, expect, it } from "vitest";
import { managerKey } from "../plan/plan.ts";
import { council } from "./council.ts";
import { debate } from "./debate.ts";

const agentKeys = ["ada", "bob", "cyd"];
const shape = (steps: ReturnType<typeof council.most>) =>
  steps.map(({ purpose, agentKey, round, after, sees }) => [purpose, agentKey, round, after, sees]);

describe("a council", () => {
  const steps = council.most({ agentKeys, rounds: 1, seed: "turn", wantsForm: false });

  it("answers unseen, ranks the others' answers and no own one, and sums up from the answers", () => {
    expect(shape(steps)).toEqual([
      ["agent", "ada", 1, [], []],
      ["agent", "bob", 1, [], []],
      ["agent", "cyd", 1, [], []],
      ["rank", "ada", 1, [0, 1, 2], [1, 2]],
      ["rank", "bob", 1, [0, 1, 2], [0, 2]],
      ["rank", "cyd", 1, [0, 1, 2], [0, 1]],
      ["synthesize", managerKey, 1, [3, 4, 5], [0, 1, 2]],
    ]);
  });

  it("tells those who answer, and only them, that names will not be shown", () => {
    expect(steps.map(({ instruction }) => instruction?.includes("without their names") ?? null)).toEqual([
      true,
      true,
      true,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("a council of two", () => {
  const steps = council.most({ agentKeys: ["ada", "bob"], rounds: 1, seed: "turn", wantsForm: false });

  it("asks for no ranking, in which there would be nothing to compare", () => {
    expect(shape(steps)).toEqual([
      ["agent", "ada", 1, [], []],
      ["agent", "bob", 1, [], []],
      ["synthesize", managerKey, 1, [0, 1], [0, 1]],
    ]);
    expect(steps.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(steps.some(({ instruction }) => instruction?.includes("without their names"))).toBe(false);
  });
});

describe("a debate", () => {
  const steps = debate.most({ agentKeys: ["ada", "bob"], rounds: 2, seed: "turn", wantsForm: false });

  it("sees the rounds before, and votes without seeing a vote", () => {
    expect(shape(steps)).toEqual([
      ["agent", "ada", 1, [], []],
      ["agent", "bob", 1, [], []],
      ["agent", "ada", 2, [0, 1], [0, 1]],
      ["agent", "bob", 2, [0, 1], [0, 1]],
      ["vote", "ada", 2, [2, 3], [0, 1, 2, 3]],
      ["vote", "bob", 2, [2, 3], [0, 1, 2, 3]],
    ]);
  });

  it("ends with one word of the manager, who has seen all, where the user wants a form", () => {
    const formed = debate.most({ agentKeys: ["ada", "bob"], rounds: 2, seed: "turn", wantsForm: true });
    expect(formed.slice(0, -1)).toEqual(steps);
    expect(shape(formed.slice(-1))).toEqual([["synthesize", managerKey, 2, [4, 5], [0, 1, 2, 3, 4, 5]]]);
  });

  it("asks for a position first and then for an answer to the others", () => {
    expect(
      steps.map(({ instruction }) => instruction?.match(/Take a position|strongest argument/)?.[0] ?? null),
    ).toEqual(["Take a position", "Take a position", "strongest argument", "strongest argument", null, null]);
  });
});
