import type { ModeInput, ModeRules } from "../plan/mode-rules.ts";
import { fixedCourse, parallelSteps, rangeOf } from "./course.ts";

/** The tagged agents, side by side and unseen by each other; a further round sees the rounds before. */
export const manual: ModeRules = {
  needsTags: true,
  needsWords: false,
  minAgents: 1,
  defaultRounds: 1,
  maxRounds: 5,
  maxSpeakers: null,
  ...fixedCourse(({ agentKeys, rounds }) => rangeOf(rounds, 1).map((round) => planRound(agentKeys, round))),
  outcome: () => null,
};

function planRound(agentKeys: ModeInput["agentKeys"], round: number) {
  const first = (round - 1) * agentKeys.length;
  const sees = rangeOf(first);
  return parallelSteps({ agentKeys, round, first, after: sees.slice(-agentKeys.length), sees });
}
