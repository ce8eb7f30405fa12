import type { ModeInput, ModeRules } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { fixedCourse, managed, parallelSteps, rangeOf } from "./course.ts";
import { voteOutcome } from "./tally-votes.ts";

/**
 * All take positions side by side, round after round, each round seeing the ones before; then each votes unseen by the others. Votes
 * have a form of their own: where the user wants another one, the manager has the last word.
 */
export const debate: ModeRules = {
  needsTags: false,
  needsWords: true,
  minAgents: 2,
  defaultRounds: 2,
  maxRounds: 5,
  maxSpeakers: null,
  ...fixedCourse(({ agentKeys, rounds, wantsForm }) => [
    ...rangeOf(rounds, 1).map((round) => planRound(agentKeys, round)),
    planVotes(agentKeys, rounds),
    ...(wantsForm ? [[planLastWord(agentKeys, rounds)]] : []),
  ]),
  outcome: voteOutcome,
};

type AgentKeys = ModeInput["agentKeys"];

const takePosition =
  "This is a debate. Take a position on the user's message and argue for it. You do not see the others' positions yet.";
const answerOthers =
  "This is a debate. Weigh the positions of the earlier rounds against yours, answer the strongest argument against it, and " +
  "say whether you keep your position or change it.";

function planRound(agentKeys: AgentKeys, round: number) {
  const first = (round - 1) * agentKeys.length;
  const sees = rangeOf(first);
  const instruction = round === 1 ? takePosition : answerOthers;
  return parallelSteps({ agentKeys, round, first, after: sees.slice(-agentKeys.length), sees, instruction });
}

function planVotes(agentKeys: AgentKeys, rounds: number) {
  const first = rounds * agentKeys.length;
  const sees = rangeOf(first);
  return parallelSteps({
    agentKeys,
    round: rounds,
    first,
    after: sees.slice(-agentKeys.length),
    sees,
    purpose: "vote",
  });
}

function planLastWord({ length }: AgentKeys, rounds: number): PlannedStep {
  const index = (rounds + 1) * length;
  return managed({
    index,
    purpose: "synthesize",
    round: rounds,
    after: rangeOf(length, index - length),
    sees: rangeOf(index),
  });
}
