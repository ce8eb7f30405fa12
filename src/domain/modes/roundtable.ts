import type { PlannedStep } from "../turn/plan.ts";
import type { ModeRules } from "./mode-rules.ts";
import { fixedRounds, upTo } from "./plan-steps.ts";

/** One after the other; each sees all that was said before it in this turn. */
export const roundtable: ModeRules = {
  needsTags: false,
  needsManager: false,
  leastAgents: 1,
  ...fixedRounds(oneByOne),
};

function oneByOne(agentKeys: readonly string[], round: number): readonly PlannedStep[] {
  const first = (round - 1) * agentKeys.length;
  return agentKeys.map((agentKey, place) => {
    const index = first + place;
    return {
      index,
      purpose: "agent",
      agentKey,
      round,
      after: index === 0 ? [] : [index - 1],
      sees: upTo(index),
      instruction: null,
    };
  });
}
