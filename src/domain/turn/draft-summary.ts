import type { ContextSettings } from "../context/settings.ts";
import { planVersion, type TurnPlan } from "../plan/plan.ts";
import { type ManagerModel, managerOf, type SeatedAgent } from "./draft.ts";
import { type Reach, type SummaryTurn, toSummaryTurn } from "./summary-step.ts";

export interface SummaryDraftInput {
  readonly room: TurnPlan["room"];
  readonly agents: readonly SeatedAgent[];
  readonly manager: ManagerModel | null;
  readonly pricingVersion: string;
  readonly context: ContextSettings;
  readonly reach: Reach;
}

/** A summary that somebody asks for, as the one that follows a turn would be. Null: no model of the room has a price. */
export function draftSummary(input: SummaryDraftInput): SummaryTurn | null {
  const { room, pricingVersion, context, reach } = input;
  const agents = managerOf(input).map((manager) => ({ ...manager, prompt_base: 0 }));
  if (agents.length === 0) return null;
  const plan: TurnPlan = {
    version: planVersion,
    mode: "summary",
    rounds: 1,
    room: { name: room.name, goal: room.goal },
    agents,
    pricing_version: pricingVersion,
    context,
    most_replies: 0,
  };
  return toSummaryTurn(plan, reach);
}
