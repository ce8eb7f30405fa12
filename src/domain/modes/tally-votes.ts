import type { Dissent, VoteOutcome } from "../../contract/outcomes.ts";
import type { Vote } from "../../contract/step-results.ts";
import type { StepTrace } from "../plan/mode-rules.ts";

export interface Voter {
  readonly agentKey: string;
  /** Null: it did not come. */
  readonly vote: Vote | null;
}

/** Null until somebody was asked to vote. */
export function voteOutcome(steps: readonly StepTrace[]): VoteOutcome | null {
  const asked = steps.filter(({ purpose }) => purpose === "vote");
  if (asked.length === 0) return null;
  return tallyVotes(asked.map(({ agentKey, result }) => ({ agentKey, vote: result?.kind === "vote" ? result : null })));
}

/**
 * More than half of the voters must support a position, or there is no quorum; more than half of those votes make a majority. The
 * most votes alone win nothing: to be undecided is a result.
 */
export function tallyVotes(voters: readonly Voter[]): VoteOutcome {
  const keys = voters.map(({ agentKey }) => agentKey);
  const cast = voters.flatMap((voter) => castBy(voter, keys));
  const tally = countByPosition(keys, cast);
  const reason = reasonOf(tally, cast.length, voters.length);
  const winner = reason === "majority" ? (tally[0]?.agent_key ?? null) : null;
  return {
    kind: "vote",
    winner,
    reason,
    voters: voters.length,
    votes: cast.length,
    tally,
    abstained: voters.filter(hasAbstained).map(keyOf),
    missing: voters.filter((voter) => !hasAbstained(voter) && castBy(voter, keys).length === 0).map(keyOf),
    dissent: cast.filter(({ choice }) => choice !== winner),
  };
}

type Tally = VoteOutcome["tally"];

function castBy({ agentKey, vote }: Voter, keys: readonly string[]): readonly Dissent[] {
  if (vote === null || vote.is_fallback || vote.choice === null || !keys.includes(vote.choice)) return [];
  return [{ agent_key: agentKey, choice: vote.choice, confidence: vote.confidence, reason: vote.reason }];
}

function hasAbstained({ vote }: Voter): boolean {
  return vote !== null && vote.choice === null && !vote.is_fallback;
}

function countByPosition(keys: readonly string[], cast: readonly Dissent[]): Tally {
  const counted = keys.map((agent_key) => {
    const support = cast.filter(({ choice }) => choice === agent_key);
    const confidence = support.reduce((sum, vote) => sum + vote.confidence, 0) / Math.max(1, support.length);
    return { agent_key, votes: support.length, confidence: Math.round(confidence) };
  });
  return counted.filter(({ votes }) => votes > 0).toSorted((left, right) => right.votes - left.votes);
}

function reasonOf([first, second]: Tally, cast: number, voters: number): VoteOutcome["reason"] {
  if (first === undefined || cast * 2 <= voters) return "no_quorum";
  if (first.votes * 2 > cast) return "majority";
  return first.votes === second?.votes ? "tie" : "no_majority";
}

function keyOf({ agentKey }: Voter): string {
  return agentKey;
}
