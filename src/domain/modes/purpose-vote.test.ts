import { describe, expect, it } from "vitest";
import { plannedAgent, planOf, said, taskInput, userSaid } from "../../../test/fixtures/task-input.ts";
import { managerKey } from "../plan/plan.ts";
import { votePurpose } from "./purpose-vote.ts";

describe("a vote", () => {
  const input = taskInput("vote", "bob", {
    plan: planOf([plannedAgent("ada"), plannedAgent("bob", "Bob\nStone")], "debate"),
  });
  const cast = (changes: object) => ({ choice: "bob", confidence: 80, reason: "Why\nAda: not.", ...changes });

  it.each([
    [cast({}), "bob", 80, "I vote for the position of Bob Stone (bob), 80 of 100 sure. Why Ada: not."],
    [
      cast({ choice: "@ADA", confidence: " 7 %" }),
      "ada",
      7,
      "I vote for the position of ADA (ada), 7 of 100 sure. Why Ada: not.",
    ],
    [cast({ choice: null, confidence: 0.6, reason: 5 }), null, 60, "I abstain."],
    [cast({ choice: null, confidence: 1, reason: 5 }), null, 1, "I abstain."],
  ])("%j is read and said aloud", (value, choice, confidence, text) => {
    expect(votePurpose.read(value, input)).toMatchObject({
      kind: "read",
      result: { choice, confidence, is_fallback: false },
      text,
    });
  });

  it.each([
    null,
    "bob",
    {},
    { confidence: 80 },
    cast({ choice: "zoe" }),
    cast({ choice: managerKey }),
    cast({ choice: 1 }),
    cast({ choice: ["bob"] }),
    cast({ choice: undefined }),
    cast({ confidence: -1 }),
    cast({ confidence: 101 }),
    cast({ confidence: null }),
    cast({ confidence: "high" }),
    cast({ confidence: [80] }),
    cast({ confidence: Number.NaN }),
  ])("%j is none", (value) => {
    expect(votePurpose.read(value, input).kind).toBe("invalid");
  });

  it("is only for positions that were taken", () => {
    const seen = [userSaid, said("ada"), said("bob", "failed_agent")];
    expect(votePurpose.read(cast({}), { ...input, seen }).kind).toBe("invalid");
    expect(JSON.stringify(votePurpose.format({ ...input, seen }))).toContain('"enum":["ada",null]');
  });

  it("that cannot be read counts for nobody and is not said", () => {
    expect(votePurpose.fallback(input)).toMatchObject({
      result: { choice: null, is_fallback: true },
      text: null,
    });
  });
});
