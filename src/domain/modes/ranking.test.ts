import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ranking } from "../../contract/step-results.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import { aggregateRanking, type Ballot, rankingOutcome } from "./ranking.ts";

const ballot = (by: string, ...ranking: readonly string[]): Ballot => ({ by, ranking });
const places = (keys: readonly string[], ballots: readonly Ballot[]) =>
  aggregateRanking(keys, ballots).map(({ agent_key, place, is_tied }) => `${agent_key}:${place}${is_tied ? "=" : ""}`);

describe("an aggregate ranking", () => {
  it.each<[string, readonly string[], readonly Ballot[], readonly string[]]>([
    [
      "agreement",
      ["a", "b", "c"],
      [ballot("a", "b", "c"), ballot("b", "a", "c"), ballot("c", "a", "b")],
      ["a:1", "b:2", "c:3"],
    ],
    [
      "a circle",
      ["a", "b", "c"],
      [ballot("a", "b", "c"), ballot("b", "c", "a"), ballot("c", "a", "b")],
      ["a:1=", "b:1=", "c:1="],
    ],
    [
      "a tie for the second place",
      ["a", "b", "c"],
      [ballot("x", "a", "b", "c"), ballot("y", "a", "c", "b")],
      ["a:1", "b:2=", "c:2="],
    ],
    [
      "a vote for oneself, which does not count",
      ["a", "b", "c"],
      [ballot("c", "c", "b", "a")],
      ["b:1", "a:2", "c:null"],
    ],
    ["an answer named twice, which counts where it is first", ["a", "b"], [ballot("x", "b", "a", "b")], ["b:1", "a:2"]],
    ["names of nobody", ["a", "b"], [ballot("x", "zoe", "b", "a", "__proto__")], ["b:1", "a:2"]],
    ["two who can only rank each other", ["a", "b"], [ballot("a", "b"), ballot("b", "a")], ["a:null", "b:null"]],
    ["no ballot", ["a", "b"], [], ["a:null", "b:null"]],
    ["no answer", [], [ballot("a", "b")], []],
  ])("of %s", (_case, keys, ballots, expected) => {
    expect(places(keys, ballots)).toEqual(expected);
  });

  it("is fair to those on longer ballots: the share of comparisons counts", () => {
    const ballots = [ballot("a", "b", "c"), ballot("failed", "a", "b", "c")];
    expect(aggregateRanking(["a", "b", "c"], ballots)).toEqual([
      { agent_key: "a", place: 1, is_tied: false, won: 2, compared: 2 },
      { agent_key: "b", place: 2, is_tied: false, won: 2, compared: 3 },
      { agent_key: "c", place: 3, is_tied: false, won: 0, compared: 3 },
    ]);
  });

  const keys = ["a", "b", "c", "d"];
  const anyBallot = fc.record({ by: fc.constantFrom(...keys, "x"), ranking: fc.shuffledSubarray(keys) });

  it("does not depend on the order of the ballots", () => {
    fc.assert(
      fc.property(fc.array(anyBallot, { maxLength: 6 }), (ballots) => {
        expect(aggregateRanking(keys, ballots.toReversed())).toEqual(aggregateRanking(keys, ballots));
      }),
    );
  });

  it("names every answer once, and marks as tied exactly those that share a place", () => {
    fc.assert(
      fc.property(fc.array(anyBallot, { maxLength: 6 }), (ballots) => {
        const ranked = aggregateRanking(keys, ballots);
        expect(ranked.map(({ agent_key }) => agent_key).toSorted()).toEqual(keys);
        for (const answer of ranked) {
          const sharing = ranked.filter(({ place }) => place !== null && place === answer.place).length;
          expect(answer.is_tied).toBe(sharing > 1);
        }
      }),
    );
  });

  it("puts first an answer that every ballot puts first", () => {
    fc.assert(
      fc.property(fc.array(fc.shuffledSubarray(["b", "c", "d"], { minLength: 1 }), { minLength: 1 }), (rests) => {
        const ballots = rests.map((rest, index) => ballot(`x${index}`, "a", ...rest));
        expect(aggregateRanking(keys, ballots)[0]).toMatchObject({ agent_key: "a", place: 1, is_tied: false });
      }),
    );
  });
});

const trace = (
  index: number,
  purpose: "agent" | "rank",
  agentKey: string,
  changes: Partial<StepTrace> = {},
): StepTrace => ({
  index,
  purpose,
  agentKey,
  round: 1,
  isDone: true,
  result: null,
  ...changes,
});
const ranking = (keys: readonly string[], is_fallback = false): Ranking => ({
  kind: "ranking",
  ranking: [...keys],
  reason: "",
  is_fallback,
});

describe("what a council comes to", () => {
  it("leaves out the answers that failed and the rankings that could not be read", () => {
    const outcome = rankingOutcome([
      trace(0, "agent", "a"),
      trace(1, "agent", "b"),
      trace(2, "agent", "c", { isDone: false }),
      trace(3, "rank", "a", { result: ranking(["b"]) }),
      trace(4, "rank", "b", { result: ranking([], true) }),
      trace(5, "rank", "c", { result: ranking(["b", "a"]) }),
    ]);
    expect(outcome?.ballots).toBe(2);
    expect(outcome?.answers.map(({ agent_key }) => agent_key)).toEqual(["b", "a"]);
  });

  it("is nothing before anyone was asked to rank", () => {
    expect(rankingOutcome([trace(0, "agent", "a")])).toBeNull();
  });
});
