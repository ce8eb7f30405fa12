import type { ErrorCode } from "../../contract/errors.ts";
import type { Mode } from "../../contract/rooms.ts";
import type { ContextAudit } from "../context/audit.ts";
import { estimateTokens } from "../context/budget.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import type { ContextSettings } from "../context/settings.ts";
import { chooseRoster } from "../modes/choose-roster.ts";
import { rulesByMode } from "../modes/mode.ts";
import { unblocksOf } from "./machine.ts";
import { type PlannedAgent, type PlannedStep, planVersion, type TurnPlan } from "./plan.ts";
import { prepareCall, type SaidMessage, windowTokens } from "./window.ts";

export interface SeatedAgent extends Omit<PlannedAgent, "provider_model" | "context_limit" | "multiplier_milli"> {
  /** All null when the alias has no price in force. */
  readonly provider_model: string | null;
  readonly context_limit: number | null;
  readonly multiplier_milli: number | null;
}

export interface DraftInput {
  readonly room: { readonly name: string; readonly goal: string };
  readonly mode: Mode;
  readonly rounds: number;
  readonly agents: readonly SeatedAgent[];
  readonly pricingVersion: string;
  readonly context: ContextSettings;
  readonly turnIndex: number;
  readonly recent: readonly SaidMessage[];
  readonly message: string;
}

export interface DraftStep {
  readonly step_index: number;
  readonly purpose: PlannedStep["purpose"];
  readonly agent_key: string;
  readonly round: number;
  readonly waiting_on: number;
  readonly unblocks: readonly number[];
  readonly sees: readonly number[];
  readonly window_tokens: number;
}

export interface DraftAudit {
  readonly step_index: number;
  readonly agent_key: string;
  readonly audit: ContextAudit;
}

export type TurnDraft =
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string }
  | {
      readonly kind: "drafted";
      readonly plan: TurnPlan;
      readonly steps: readonly DraftStep[];
      readonly messageTokens: number;
      /** The first call that cannot fit, before anything is paid for. */
      readonly oversize: { readonly rejection: ContextRejection; readonly audits: readonly DraftAudit[] } | null;
    };

export function draftTurn(input: DraftInput): TurnDraft {
  const roster = chooseRoster(
    input.mode,
    input.message,
    input.agents.map((agent) => agent.key),
  );
  if (roster.kind === "refused") return roster;
  const chosen = input.agents.filter((agent) => roster.agentKeys.includes(agent.key));
  const unpriced = chosen.find((agent) => !isPriced(agent));
  if (unpriced !== undefined) {
    const message = `The model alias ${unpriced.model_alias} of ${unpriced.key} has no price and cannot be used.`;
    return { kind: "refused", code: "model_unavailable", message };
  }
  const plan = toPlan(input, chosen.filter(isPriced));
  const planned = rulesByMode[input.mode].plan({ agentKeys: roster.agentKeys, rounds: input.rounds });
  return {
    kind: "drafted",
    plan,
    steps: planned.map((step) => toDraftStep(plan, planned, step)),
    messageTokens: estimateTokens(input.message),
    oversize: findOversize(input, plan, planned),
  };
}

function isPriced(agent: SeatedAgent): agent is PlannedAgent {
  return agent.provider_model !== null && agent.context_limit !== null && agent.multiplier_milli !== null;
}

function toPlan(
  { mode, rounds, room, pricingVersion, context }: DraftInput,
  agents: readonly PlannedAgent[],
): TurnPlan {
  return { version: planVersion, mode, rounds, room, agents, pricing_version: pricingVersion, context };
}

function toDraftStep(plan: TurnPlan, steps: readonly PlannedStep[], step: PlannedStep): DraftStep {
  return {
    step_index: step.index,
    purpose: step.purpose,
    agent_key: step.agentKey,
    round: step.round,
    waiting_on: step.after.length,
    unblocks: unblocksOf(steps, step.index),
    sees: step.sees,
    window_tokens: windowTokens(plan, step.agentKey),
  };
}

function findOversize({ turnIndex, recent, message }: DraftInput, plan: TurnPlan, steps: readonly PlannedStep[]) {
  const said = {
    id: "",
    turn_index: turnIndex,
    author: "user",
    agent_key: null,
    agent_name: null,
    error_type: null,
  } as const;
  const current = [{ ...said, text: message, tokens: estimateTokens(message), is_pinned: false }];
  const firstSteps = steps.filter((step) => steps.findIndex((each) => each.agentKey === step.agentKey) === step.index);
  const calls = firstSteps.map((step) => ({
    step,
    call: prepareCall({ plan, agentKey: step.agentKey, turnIndex, history: recent, current }),
  }));
  const rejection = calls.find(({ call }) => call.rejected !== null)?.call.rejected ?? null;
  if (rejection === null) return null;
  const audits = calls.map(({ step, call }) => ({
    step_index: step.index,
    agent_key: step.agentKey,
    audit: call.audit,
  }));
  return { rejection, audits };
}
