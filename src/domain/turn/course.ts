import { rulesByMode } from "../modes/mode.ts";
import type { ModeInput } from "../plan/mode-rules.ts";
import { type PlannedStep, rosterOf, type TurnPlan } from "../plan/plan.ts";

export function planBegin(plan: TurnPlan, seed: string): readonly PlannedStep[] {
  return plan.mode === "summary" ? [] : rulesByMode[plan.mode].begin(modeInput(plan, seed));
}

/** The longest that the turn may become, its beginning included. */
export function planMost(plan: TurnPlan): readonly PlannedStep[] {
  return plan.mode === "summary" ? [] : rulesByMode[plan.mode].most(modeInput(plan, ""));
}

/** Its length when all goes as it usually does. */
export function planUsual(plan: TurnPlan): readonly PlannedStep[] {
  return plan.mode === "summary" ? [] : rulesByMode[plan.mode].usual(modeInput(plan, ""));
}

export function maxSpeakersOf({ mode }: TurnPlan): number | null {
  return mode === "summary" ? null : rulesByMode[mode].maxSpeakers;
}

export function modeInput(plan: TurnPlan, seed: string): ModeInput {
  const wantsForm = (plan.response_schema ?? null) !== null;
  return { agentKeys: rosterOf(plan).map(({ key }) => key), rounds: plan.rounds, seed, wantsForm };
}
