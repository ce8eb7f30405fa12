import type { ErrorCode } from "../../contract/errors.ts";
import type { Mode } from "../../contract/rooms.ts";
import type { ContextSettings } from "../context/settings.ts";
import type { JsonSchema } from "../json-schema/response-format.ts";
import { chooseRoster } from "../modes/choose-roster.ts";
import { maxReplies, roundsOf } from "../modes/mode.ts";
import { managerKey, type PlannedAgent, type PlannedStep, planVersion, type TurnPlan } from "../plan/plan.ts";
import { withoutQuotes } from "../speaker/quote.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { modeInput, planBegin } from "./course.ts";
import { promptBase } from "./hold.ts";
import { findOversize, type Oversize } from "./oversize.ts";
import { systemPromptInput } from "./prompt-input.ts";
import { type DraftStep, toDraftSteps } from "./rounds.ts";
import { messageTokens, type SessionWindow, userMessage } from "./said.ts";
import { draftSummarizeStep, firstSummary, type HistorySize, summarizeIndex } from "./summary-step.ts";

export type ManagerModel = Pick<
  PlannedAgent,
  "model_alias" | "provider_model" | "context_limit" | "multiplier_milli" | "token_ratios"
>;

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
  /** Null: as many as the mode usually has. */
  readonly rounds: number | null;
  readonly agents: readonly SeatedAgent[];
  /** Null: the model of the first agent. */
  readonly manager: ManagerModel | null;
  readonly pricingVersion: string;
  readonly context: ContextSettings;
  /** The turn's id. */
  readonly seed: string;
  readonly turnIndex: number;
  /** The turns that are never cut, and the summary of those before them. */
  readonly window: SessionWindow;
  readonly history: HistorySize;
  /** Replies that turns before this one may still add. */
  readonly repliesToCome: number;
  readonly isSummarizing: boolean;
  readonly message: string;
  /** The form in which the last step is to answer. */
  readonly responseSchema: JsonSchema | null;
}

export type TurnDraft =
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string }
  | {
      readonly kind: "drafted";
      readonly plan: TurnPlan;
      readonly steps: readonly DraftStep[];
      readonly message: { readonly tokens: number; readonly token_class: string };
      /** The first call that cannot fit, before anything is paid for. */
      readonly oversize: Oversize | null;
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
  const counted = messageTokens(input.message);
  const plan = toPlan(input, chosen.filter(isPriced), counted.tokens);
  const planned = planBegin(plan, input.seed);
  return {
    kind: "drafted",
    plan,
    steps: withSummaryFirst(plan, planned),
    message: counted,
    oversize: findOversize(
      { ...input, current: [userMessage(input.turnIndex, input.message, counted)] },
      plan,
      planned,
    ),
  };
}

type PricedAgent = Omit<PlannedAgent, "prompt_base">;

function isPriced(agent: SeatedAgent): agent is PricedAgent {
  return agent.provider_model !== null && agent.context_limit !== null && agent.multiplier_milli !== null;
}

function toPlan(input: DraftInput, agents: readonly PricedAgent[], messageTokens: number): TurnPlan {
  const { mode, room, pricingVersion, context, message, history, repliesToCome } = input;
  const { maxOutputTokens } = context;
  // The message is the same in every agent's prompt, and may be long.
  const messageBytes = utf8Bytes(withoutQuotes(message));
  const promptSize = { userMessage: "", historyTokens: history.boundTokens, repliesToCome, maxOutputTokens };
  const all = [...agents, ...managerOf(input)];
  const base = (agent: PricedAgent) =>
    messageBytes + promptBase({ ...promptSize, voice: systemPromptInput({ room, agents: all }, agent) });
  const plan = {
    version: planVersion,
    mode,
    rounds: roundsOf(mode, input.rounds),
    room,
    agents: all.map((agent) => ({ ...agent, prompt_base: base(agent) })),
    pricing_version: pricingVersion,
    context,
    summary: null,
    most_replies: 0,
    response_schema: input.responseSchema,
  };
  return {
    ...plan,
    summary: firstSummary({ ...input, messageTokens }, plan),
    most_replies: maxReplies(mode, modeInput(plan, input.seed)),
  };
}

/** The one who routes, judges and sums up, if any model of the room has a price. */
export function managerOf(input: Pick<DraftInput, "manager" | "agents">): readonly PricedAgent[] {
  const model = managerModel(input);
  return model === null ? [] : [{ key: managerKey, name: "Manager", role_prompt: "", ...model }];
}

/** Null: no model of the room has a price. */
export function managerModel({ manager, agents }: Pick<DraftInput, "manager" | "agents">): ManagerModel | null {
  const model = manager ?? agents.find(isPriced);
  if (model === undefined) return null;
  const { model_alias, provider_model, context_limit, multiplier_milli, token_ratios = null } = model;
  return { model_alias, provider_model, context_limit, multiplier_milli, token_ratios };
}

/** History that would be cut before anyone has summed it up is summed up first; whoever begins the turn waits for it. */
function withSummaryFirst(plan: TurnPlan, planned: readonly PlannedStep[]): readonly DraftStep[] {
  if (plan.summary == null) return toDraftSteps(plan, planned, new Map());
  const waiting = planned.map((step) => (step.after.length > 0 ? step : { ...step, after: [summarizeIndex] }));
  const first = draftSummarizeStep(plan, plan.summary);
  const unblocks = waiting.filter(({ after }) => after.includes(summarizeIndex)).map(({ index }) => index);
  const rest = toDraftSteps(plan, waiting, new Map()).map((step) =>
    unblocks.includes(step.step_index) ? { ...step, waiting_on: 1 } : step,
  );
  return [{ ...first, unblocks }, ...rest];
}
