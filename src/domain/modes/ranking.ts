import type { RankedAnswer, RankingOutcome } from "../../contract/outcomes.ts";
import type { StepTrace } from "../plan/mode-rules.ts";

export interface Ballot {
  readonly by: string;
  /** The best first. */
  readonly ranking: readonly string[];
}

/** Null until somebody was asked to rank, or to sum up what nobody could rank. */
export function rankingOutcome(steps: readonly StepTrace[]): RankingOutcome | null {
  if (!steps.some(({ purpose }) => purpose === "rank" || purpose === "synthesize")) return null;
  const answered = steps.filter(({ purpose, isDone }) => purpose === "agent" && isDone);
  const ballots = steps.flatMap(ballotOf);
  return {
    kind: "ranking",
    answers: aggregateRanking([...new Set(answered.map(keyOf))], ballots),
    ballots: ballots.length,
  };
}

/**
 * By how many of its comparisons an answer won, over all ballots (Borda's count, made fair to ballots of different lengths). Nobody
 * counts for an answer of their own. The result does not depend on the order of the ballots; ties share a place.
 */
export function aggregateRanking(agentKeys: readonly string[], ballots: readonly Ballot[]): RankedAnswer[] {
  const counts = countComparisons(agentKeys, ballots);
  const scored = agentKeys.map((agent_key) => ({ agent_key, ...(counts.get(agent_key) ?? { won: 0, compared: 0 }) }));
  const placed = scored.map((answer): RankedAnswer => {
    if (answer.compared === 0) return { ...answer, place: null, is_tied: false };
    const others = scored.filter((other) => other !== answer && other.compared > 0);
    const place = 1 + others.filter((other) => lead(other, answer) > 0).length;
    return { ...answer, place, is_tied: others.some((other) => lead(other, answer) === 0) };
  });
  return placed.toSorted((left, right) => placeOf(left) - placeOf(right));
}

interface Count {
  readonly won: number;
  readonly compared: number;
}

function countComparisons(agentKeys: readonly string[], ballots: readonly Ballot[]): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const { by, ranking } of ballots) {
    const ranked = [...new Set(ranking)].filter((key) => key !== by && agentKeys.includes(key));
    ranked.forEach((key, place) => {
      const { won, compared } = counts.get(key) ?? { won: 0, compared: 0 };
      counts.set(key, { won: won + ranked.length - 1 - place, compared: compared + ranked.length - 1 });
    });
  }
  return counts;
}

/** Above zero when the left one won the larger share; whole numbers, so that a tie is a tie. */
function lead(left: Count, right: Count): number {
  return left.won * right.compared - right.won * left.compared;
}

function placeOf({ place }: RankedAnswer): number {
  return place ?? Number.POSITIVE_INFINITY;
}

function ballotOf({ agentKey, purpose, result }: StepTrace): readonly Ballot[] {
  const isBallot = purpose === "rank" && result?.kind === "ranking" && !result.is_fallback;
  return isBallot ? [{ by: agentKey, ranking: result.ranking }] : [];
}

function keyOf({ agentKey }: StepTrace): string {
  return agentKey;
}
