import type { PlannedStep } from "../turn/plan.ts";
import type { ModeRules } from "./mode-rules.ts";
import { fixedRounds, upTo } from "./plan-steps.ts";

/** The tagged agents, side by side and unseen by each other; a further round sees the rounds before. */
export const manual: ModeRules = {
  needsTags: true,
  needsManager: false,
  leastAgents: 1,
  ...fixedRounds(sideBySide),
};

function sideBySide(agentKeys: readonly string[], round: number): readonly PlannedStep[] {
  const first = (round - 1) * agentKeys.length;
  const sees = upTo(first);
  return agentKeys.map((agentKey, place) => ({
    index: first + place,
    purpose: "agent",
    agentKey,
    round,
    after: sees.slice(-agentKeys.length),
    sees,
    instruction: null,
  }));
}
