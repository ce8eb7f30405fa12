import type { Mode } from "../../contract/rooms.ts";
import type { ContextSettings } from "../context/settings.ts";
import type { JsonSchema } from "../json-schema/response-format.ts";
import type { TokenRatios } from "../tokens/calibrate-ratios.ts";

/** From 3 on, a plan has a manager. */
export const planVersion = 3;

export interface PlannedAgent {
  readonly key: string;
  readonly name: string;
  readonly role_prompt: string;
  readonly model_alias: string;
  readonly provider_model: string;
  readonly context_limit: number;
  readonly multiplier_milli: number;
  /** How its model counts, as far as its provider's counts have told; null or missing: as the base estimate. */
  readonly token_ratios?: TokenRatios | null;
  /** The names of all tools that it may use; missing in plans of before tools. */
  readonly tools?: readonly string[];
  /** The most tokens of a prompt before what is said in this turn is added to the user's message. */
  readonly prompt_base: number;
}

export const stepPurposes = ["agent", "route", "evaluate", "synthesize", "rank", "vote", "summarize"] as const;
export type StepPurpose = (typeof stepPurposes)[number];

/** Who runs a turn without a seat in the room: no agent can have this key. */
export const managerKey = "@manager";

/** One model call to be: who speaks, after whom, and whose words of this turn it gets to see. */
export interface PlannedStep {
  readonly index: number;
  readonly purpose: StepPurpose;
  readonly agentKey: string;
  readonly round: number;
  readonly after: readonly number[];
  readonly sees: readonly number[];
  /** What its speaker alone is told. */
  readonly instruction: string | null;
}

/** What a turn takes with it when it is made: later edits to the room do not reach it. Kept as JSON. */
export interface TurnPlan {
  readonly version: number;
  readonly mode: Mode | "summary";
  readonly rounds: number;
  readonly room: { readonly name: string; readonly goal: string };
  /** In the order in which they speak; the manager, in a turn that has one, is the last. */
  readonly agents: readonly PlannedAgent[];
  readonly pricing_version: string;
  readonly context: ContextSettings;
  /** How many messages it may add to the session, at most. */
  readonly most_replies: number;
  /** The form that its last step answers in; null or missing: plain words. */
  readonly response_schema?: JsonSchema | null;
  /** What its summary step sums up; null or missing where it has none. */
  readonly summary?: PlannedSummary | null;
}

export interface PlannedSummary {
  /** The last turn to be summed up. */
  readonly through_turn_index: number;
  readonly made_at_turn_index: number;
  /** How many calls it may take. */
  readonly most_chunks: number;
  /** Of one call. */
  readonly most_prompt_tokens: number;
}

export function agentOf(plan: Pick<TurnPlan, "agents">, key: string): PlannedAgent {
  const agent = plan.agents.find((candidate) => candidate.key === key);
  if (agent === undefined) throw new Error(`the plan has no agent ${key}`);
  return agent;
}

/** What every model of a turn can read. */
export function minContextLimit({ agents }: Pick<TurnPlan, "agents">): number {
  return Math.min(...agents.map(({ context_limit }) => context_limit));
}

/** The seated ones. */
export function rosterOf({ agents }: Pick<TurnPlan, "agents">): readonly PlannedAgent[] {
  return agents.filter(({ key }) => key !== managerKey);
}
