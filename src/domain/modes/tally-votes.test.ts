import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Vote } from "../../contract/step-results.ts";
import { outcomeOf } from "./mode.ts";
import { tallyVotes, type Voter } from "./tally-votes.ts";

const vote = (choice: string | null, changes: Partial<Vote> = {}): Vote => ({
  kind: "vote",
  choice,
  confidence: 50,
  reason: "Why.",
  is_fallback: false,
  ...changes,
});

/** "b a - ? !": a votes for b, b for a, c abstains, d's vote did not come, e's could not be read. */
function votersOf(choices: string): readonly Voter[] {
  return choices.split(" ").map((choice, place) => {
    const agentKey = "abcdefgh"[place] ?? "";
    if (choice === "?") return { agentKey, vote: null };
    if (choice === "!") return { agentKey, vote: vote(null, { is_fallback: true }) };
    return { agentKey, vote: vote(choice === "-" ? null : choice) };
  });
}

describe("a vote", () => {
  it.each([
    ["a a a", "a", "majority"],
    ["a a b", "a", "majority"],
    ["a b c", null, "tie"],
    ["a a b b", null, "tie"],
    ["a a b c", null, "no_majority"],
    ["a a b b c", null, "tie"],
    ["a a b c d", null, "no_majority"],
    ["a a a b c", "a", "majority"],
    ["a a - -", null, "no_quorum"],
    ["a a - - ?", null, "no_quorum"],
    ["a a a - -", "a", "majority"],
    ["a ? !", null, "no_quorum"],
    ["a a !", "a", "majority"],
    ["- - -", null, "no_quorum"],
    ["? ?", null, "no_quorum"],
    ["zoe zoe a", null, "no_quorum"],
  ])("of %j is won by %j: %s", (choices, winner, reason) => {
    expect(tallyVotes(votersOf(choices))).toMatchObject({ winner, reason });
  });

  it("keeps every dissent with its reason, and says who abstained and whose vote is missing", () => {
    const voters = [
      { agentKey: "a", vote: vote("a", { confidence: 90 }) },
      { agentKey: "b", vote: vote("b", { confidence: 30, reason: "Too dear." }) },
      { agentKey: "c", vote: vote("a", { confidence: 61 }) },
      { agentKey: "d", vote: vote("a", { confidence: 0 }) },
      { agentKey: "e", vote: vote(null) },
      { agentKey: "f", vote: vote(null, { is_fallback: true }) },
    ];
    expect(tallyVotes(voters)).toEqual({
      kind: "vote",
      winner: "a",
      reason: "majority",
      voters: 6,
      votes: 4,
      tally: [
        { agent_key: "a", votes: 3, confidence: 50 },
        { agent_key: "b", votes: 1, confidence: 30 },
      ],
      abstained: ["e"],
      missing: ["f"],
      dissent: [{ agent_key: "b", choice: "b", confidence: 30, reason: "Too dear." }],
    });
  });

  it("without a winner keeps every vote as dissent", () => {
    expect(tallyVotes(votersOf("a b")).dissent.map(({ agent_key }) => agent_key)).toEqual(["a", "b"]);
  });

  const anyVoters = fc
    .array(fc.constantFrom("a", "b", "c", "-", "?", "!"), { minLength: 1, maxLength: 8 })
    .map((choices) => votersOf(choices.join(" ")));

  it("is won only by more than half of the votes, with more than half of the voters", () => {
    fc.assert(
      fc.property(anyVoters, (voters) => {
        const { winner, reason, votes, tally, dissent, abstained, missing } = tallyVotes(voters);
        const support = tally.find(({ agent_key }) => agent_key === winner)?.votes ?? 0;
        expect(winner !== null).toBe(reason === "majority");
        expect(votes * 2 > voters.length).toBe(reason !== "no_quorum");
        if (winner !== null) expect(support * 2).toBeGreaterThan(votes);
        expect(dissent).toHaveLength(votes - support);
        expect(votes + abstained.length + missing.length).toBe(voters.length);
      }),
    );
  });

  it("does not depend on who comes first", () => {
    fc.assert(
      fc.property(anyVoters, (voters) => {
        const { winner, reason } = tallyVotes(voters);
        expect(tallyVotes(voters.toReversed())).toMatchObject({ winner, reason });
      }),
    );
  });
});

it("is read from the steps of a debate, and is nothing before anyone was asked", () => {
  const step = { round: 1, isDone: true } as const;
  const position = { ...step, index: 0, purpose: "agent", agentKey: "a", result: null } as const;
  const cast = [1, 2].map((index) => ({
    ...step,
    index,
    purpose: "vote" as const,
    agentKey: "xab"[index] ?? "",
    result: vote("b"),
  }));
  expect(outcomeOf("debate", [position])).toBeNull();
  expect(outcomeOf("debate", [position, ...cast])).toMatchObject({ winner: "b", voters: 2 });
  expect(outcomeOf("roundtable", [position, ...cast])).toBeNull();
});
