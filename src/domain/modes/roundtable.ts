import type { ModeInput, ModeRules } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { fixedCourse, rangeOf } from "./course.ts";

/** One after the other; each sees all that was said before it in this turn. */
export const roundtable: ModeRules = {
  needsTags: false,
  needsWords: false,
  minAgents: 1,
  defaultRounds: 1,
  maxRounds: 5,
  maxSpeakers: null,
  ...fixedCourse(({ agentKeys, rounds }) => rangeOf(rounds, 1).map((round) => planRound(agentKeys, round))),
  outcome: () => null,
};

function planRound(agentKeys: ModeInput["agentKeys"], round: number): readonly PlannedStep[] {
  const first = (round - 1) * agentKeys.length;
  return agentKeys.map((agentKey, place) => {
    const index = first + place;
    return {
      index,
      purpose: "agent",
      agentKey,
      round,
      after: index === 0 ? [] : [index - 1],
      sees: rangeOf(index),
      instruction: null,
    };
  });
}
