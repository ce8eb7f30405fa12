import type { Mode } from "../../contract/rooms.ts";
import type { ContextSettings } from "../context/settings.ts";

export const planVersion = 1;

export interface PlannedAgent {
  readonly key: string;
  readonly name: string;
  readonly role_prompt: string;
  readonly model_alias: string;
  readonly provider_model: string;
  readonly context_limit: number;
  readonly multiplier_milli: number;
}

/** One model call to be: who speaks, after whom, and whose words of this turn it gets to see. */
export interface PlannedStep {
  readonly index: number;
  readonly purpose: "agent";
  readonly agentKey: string;
  readonly round: number;
  readonly after: readonly number[];
  readonly sees: readonly number[];
}

/** What a turn takes with it when it is made: later edits to the room do not reach it. Kept as JSON. */
export interface TurnPlan {
  readonly version: typeof planVersion;
  readonly mode: Mode;
  readonly rounds: number;
  readonly room: { readonly name: string; readonly goal: string };
  readonly agents: readonly PlannedAgent[];
  readonly pricing_version: string;
  readonly context: ContextSettings;
}

export function agentOf(plan: TurnPlan, key: string): PlannedAgent {
  const agent = plan.agents.find((candidate) => candidate.key === key);
  if (agent === undefined) throw new Error(`the plan has no agent ${key}`);
  return agent;
}
