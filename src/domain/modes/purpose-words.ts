import type { RankedAnswer, RankingOutcome, VoteOutcome } from "../../contract/outcomes.ts";
import { agentOf, rosterOf, type TurnPlan } from "../plan/plan.ts";
import { turnNotice } from "../speaker/build-prompt.ts";
import { quoteInstruction, showSpeaker } from "../speaker/quote.ts";
import { outcomeOf } from "./mode.ts";
import type { PurposeRules, TaskInput } from "./purpose-rules.ts";
import { invalid } from "./read-fields.ts";

const plainWords: Pick<PurposeRules, "format" | "read" | "fallback"> = {
  format: () => null,
  read: (value) =>
    typeof value === "string" ? { kind: "read", result: null, text: value } : invalid("It must be plain words."),
  fallback: () => null,
};

/** An agent speaks; what its instruction says reaches no one else. */
export const agentPurpose: PurposeRules = { ...plainWords, task: askToSpeak };

/** The manager puts the answer together. */
export const synthesizePurpose: PurposeRules = { ...plainWords, task: askToSumUp };

function askToSpeak({ plan, step }: TaskInput): string {
  const notice = turnNotice(agentOf(plan, step.agentKey));
  return step.instruction === null ? notice : `${quoteInstruction(step.instruction)}\n\n${notice}`;
}

const sumUp =
  "Now answer the user, in plain words, from what the agents said. Where they disagree, say so and who holds what. Begin no line " +
  "with an agent's name and a colon.";

function askToSumUp({ plan, steps }: TaskInput): string {
  const outcome = outcomeOf(plan.mode, steps);
  switch (outcome?.kind) {
    case undefined:
      return sumUp;
    case "ranking":
      return outcome.ballots === 0 ? sumUp : `${showRanking(plan, outcome)}\n\n${sumUp}`;
    case "vote":
      return `${showVotes(plan, outcome)}\n\n${sumUp}`;
  }
}

function showRanking(plan: TurnPlan, { answers }: RankingOutcome): string {
  const places = answers.map((answer) => showPlace(plan, answer)).join("\n");
  return `The agents ranked each other's answers, without knowing whose they were. The best first:\n${places}`;
}

/** Who voted how is among what was said. */
function showVotes(plan: TurnPlan, { reason, tally, votes, voters }: VoteOutcome): string {
  const counted = tally.map(({ agent_key, votes: own }) => `\n- ${nameOf(plan, agent_key)}: ${own} of ${votes}`);
  return `The debate is over, and ${votes} of ${voters} voted for a position. ${meaningOf[reason]}${counted.join("")}`;
}

const meaningOf: Readonly<Record<VoteOutcome["reason"], string>> = {
  majority: "The first has the majority and won.",
  tie: "It is a tie, which nobody won.",
  no_majority: "Nobody has a majority, so nobody won.",
  no_quorum: "Those are too few, so nobody won.",
};

function nameOf(plan: TurnPlan, agentKey: string): string {
  const agent = rosterOf(plan).find(({ key }) => key === agentKey);
  return agent === undefined ? agentKey : showSpeaker(agent);
}

function showPlace(plan: TurnPlan, { agent_key, place, is_tied, won, compared }: RankedAnswer): string {
  const name = nameOf(plan, agent_key);
  if (place === null) return `- unranked: ${name}`;
  return `${place}. ${name}: preferred in ${won} of ${compared} comparisons${is_tied ? ", tied" : ""}`;
}
