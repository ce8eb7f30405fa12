import type { ErrorCode } from "../../contract/errors.ts";
import type { Mode } from "../../contract/rooms.ts";
import type { ContextAudit } from "../context/audit.ts";
import { estimateTokens } from "../context/budget.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import type { ContextSettings } from "../context/settings.ts";
import { chooseRoster } from "../modes/choose-roster.ts";
import { promptBase } from "./hold.ts";
import { type PlannedAgent, type PlannedStep, planVersion, type TurnPlan } from "./plan.ts";
import { type DraftStep, planBegin, toDraftSteps } from "./rounds.ts";
import { prepareCall, type SaidMessage, voiceOf } from "./window.ts";

export interface SeatedAgent
  extends Omit<PlannedAgent, "provider_model" | "context_limit" | "multiplier_milli" | "prompt_base"> {
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
  /** The most tokens of the session's history, as far as it can matter to any of the agents. */
  readonly historyTokens: number;
  /** Replies that turns before this one may still add. */
  readonly repliesToCome: number;
  readonly message: string;
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
  const chosen = input.agents
    .filter((agent) => roster.agentKeys.includes(agent.key))
    .toSorted((left, right) => roster.agentKeys.indexOf(left.key) - roster.agentKeys.indexOf(right.key));
  const unpriced = chosen.find((agent) => !isPriced(agent));
  if (unpriced !== undefined) {
    const message = `The model alias ${unpriced.model_alias} of ${unpriced.key} has no price and cannot be used.`;
    return { kind: "refused", code: "model_unavailable", message };
  }
  const plan = toPlan(input, chosen.filter(isPriced));
  const planned = planBegin(plan);
  return {
    kind: "drafted",
    plan,
    steps: toDraftSteps(plan, planned, new Map()),
    messageTokens: estimateTokens(input.message),
    oversize: findOversize(input, plan, planned),
  };
}

type PricedAgent = Omit<PlannedAgent, "prompt_base">;

function isPriced(agent: SeatedAgent): agent is PricedAgent {
  return agent.provider_model !== null && agent.context_limit !== null && agent.multiplier_milli !== null;
}

function toPlan(input: DraftInput, agents: readonly PricedAgent[]): TurnPlan {
  const { mode, rounds, room, pricingVersion, context, message, historyTokens, repliesToCome } = input;
  const { maxOutputTokens } = context;
  const ground = { userMessage: message, historyTokens, repliesToCome, maxOutputTokens };
  const base = (agent: PricedAgent) => promptBase({ ...ground, voice: voiceOf(room, agent) });
  return {
    version: planVersion,
    mode,
    rounds,
    room,
    agents: agents.map((agent) => ({ ...agent, prompt_base: base(agent) })),
    pricing_version: pricingVersion,
    context,
    most_replies: agents.length * rounds,
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
  const calls = steps.map((step) => ({
    step,
    call: prepareCall({ plan, agentKey: step.agentKey, turnIndex, history: recent, current, promptBound: null }),
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
