import type { Mode } from "../../contract/rooms.ts";
import { estimateTokens } from "../context/budget.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import { creditUnits, oeHundredths } from "../meter/charge.ts";
import { type DraftInput, draftTurn, type SeatedAgent, type TurnDraft } from "./draft.ts";
import { agentOf, type PlannedAgent, type TurnPlan } from "./plan.ts";
import { type DraftStep, planMost, toDraftSteps } from "./rounds.ts";
import { prepareCall, type SaidMessage } from "./window.ts";

export interface QuoteInput extends DraftInput {
  /** By the estimate, all of the session's history that the widest model can read; the recent turns are part of it. */
  readonly windowTokens: number;
}

/** In units of credit; low <= expected <= high. */
export interface CostRange {
  readonly low: bigint;
  readonly expected: bigint;
  readonly high: bigint;
}

export interface AgentQuote {
  readonly agentKey: string;
  readonly agentName: string;
  readonly modelAlias: string;
  readonly calls: number;
  /** Null when the alias has no price in force. */
  readonly cost: CostRange | null;
}

export interface QuotedTurn {
  readonly kind: "quoted";
  readonly mode: Mode;
  readonly rounds: number;
  readonly agents: readonly AgentQuote[];
  /** Null when a price is missing, as the next one is. */
  readonly total: CostRange | null;
  /** What creating the turn sets aside: the high of its first round. */
  readonly startUnits: bigint | null;
}

export type TurnQuote =
  | Extract<TurnDraft, { readonly kind: "refused" }>
  | { readonly kind: "oversize"; readonly rejection: ContextRejection }
  | QuotedTurn;

/** Of a session in which no agent has spoken lately. */
export const usualReplyTokens = 400;
/** A reply of a few sentences: all goes well and nobody says more than needed. */
export const shortReplyTokens = 60;

/** What a turn may cost, from the very plan that creating it would make; nothing of it is kept. */
export function quoteTurn(input: QuoteInput): TurnQuote {
  const draft = draftTurn({ ...input, agents: input.agents.map(withStandInPrice) });
  if (draft.kind === "refused") return draft;
  const { plan, oversize } = draft;
  if (oversize !== null) return { kind: "oversize", rejection: oversize.rejection };
  const unpriced = new Set(input.agents.filter(isUnpriced).map(({ key }) => key));
  const steps = [...draft.steps, ...laterSteps(plan, draft.steps)];
  const agents = plan.agents.map((agent) => {
    const own = steps.filter(({ agent_key }) => agent_key === agent.key);
    const cost = unpriced.has(agent.key) ? null : sumCosts(costsOfSteps(input, plan, own));
    return { agentKey: agent.key, agentName: agent.name, modelAlias: agent.model_alias, calls: own.length, cost };
  });
  const total = sumKnown(agents.map(({ cost }) => cost));
  const startUnits = total === null ? null : heldFor(draft.steps);
  return { kind: "quoted", mode: plan.mode, rounds: plan.rounds, agents, total, startUnits };
}

// So that an agent without a price takes its place among the others; what comes of these figures is left out.
const standInPrice = { provider_model: "", context_limit: Number.MAX_SAFE_INTEGER, multiplier_milli: 1 };

function withStandInPrice(agent: SeatedAgent): SeatedAgent {
  return isUnpriced(agent) ? { ...agent, ...standInPrice } : agent;
}

function isUnpriced(agent: SeatedAgent): boolean {
  return agent.provider_model === null || agent.context_limit === null || agent.multiplier_milli === null;
}

/** Of replies that nobody knows yet the cap counts. */
function laterSteps(plan: TurnPlan, first: readonly DraftStep[]): readonly DraftStep[] {
  return toDraftSteps(plan, planMost(plan).slice(first.length), new Map());
}

function heldFor(steps: readonly DraftStep[]): bigint {
  return steps.reduce((sum, { hold_units }) => sum + BigInt(hold_units), 0n);
}

function costsOfSteps(input: QuoteInput, plan: TurnPlan, steps: readonly DraftStep[]): readonly CostRange[] {
  const agentKey = steps[0]?.agent_key;
  if (agentKey === undefined) return [];
  const { promptTokens, inputBudget, outputReserve } = estimatePrompt(input, plan, agentKey);
  const agent = agentOf(plan, agentKey);
  const reply = expectedReplyTokens(input.recent);
  const expectedOutput = Math.min(reply, outputReserve);
  const lowOutput = Math.min(shortReplyTokens, expectedOutput);
  return steps.map(({ sees, hold_units }) => {
    // What is more than the window takes is cut from the history or shortened.
    const prompt = Math.max(promptTokens, Math.min(promptTokens + sees.length * reply, inputBudget));
    const high = BigInt(hold_units);
    const expected = atMost(high, unitsOf(agent, prompt, expectedOutput));
    return { low: atMost(expected, unitsOf(agent, promptTokens, lowOutput)), expected, high };
  });
}

/** The prompt by the rules of the window, before anyone has replied. */
function estimatePrompt({ turnIndex, recent, message, windowTokens }: QuoteInput, plan: TurnPlan, agentKey: string) {
  const current = [userMessage(turnIndex, message)];
  const { audit } = prepareCall({ plan, agentKey, turnIndex, history: recent, current, promptBound: null });
  const { estimateAfterPrune, inputBudget, outputReserve } = audit;
  const earlier = Math.max(0, windowTokens - recent.reduce((sum, { tokens }) => sum + tokens, 0));
  // Earlier turns go in as far as there is room.
  const promptTokens = Math.max(estimateAfterPrune, Math.min(estimateAfterPrune + earlier, inputBudget));
  return { promptTokens, inputBudget, outputReserve };
}

function userMessage(turnIndex: number, text: string): SaidMessage {
  const nobody = { agent_key: null, agent_name: null, error_type: null };
  const tokens = estimateTokens(text);
  return { id: "", turn_index: turnIndex, author: "user", ...nobody, text, tokens, is_pinned: false };
}

/** As long as the session's replies were of late, on average. */
function expectedReplyTokens(recent: readonly SaidMessage[]): number {
  const replies = recent.filter(({ author }) => author === "agent");
  if (replies.length === 0) return usualReplyTokens;
  return Math.ceil(replies.reduce((sum, { tokens }) => sum + tokens, 0) / replies.length);
}

/** Every prompt token at the price of a fresh one: which of them a provider has cached, nobody knows before. */
function unitsOf({ multiplier_milli }: PlannedAgent, promptTokens: number, outputTokens: number): bigint {
  const tokens = { freshTokens: BigInt(promptTokens), cachedTokens: 0n, outputTokens: BigInt(outputTokens) };
  return creditUnits(oeHundredths(tokens), BigInt(multiplier_milli));
}

function sumKnown(costs: readonly (CostRange | null)[]): CostRange | null {
  const known = costs.filter((cost) => cost !== null);
  return known.length === costs.length ? sumCosts(known) : null;
}

function sumCosts(costs: readonly CostRange[]): CostRange {
  const sum = (of: (cost: CostRange) => bigint) => costs.reduce((total, cost) => total + of(cost), 0n);
  return { low: sum(({ low }) => low), expected: sum(({ expected }) => expected), high: sum(({ high }) => high) };
}

function atMost(most: bigint, units: bigint): bigint {
  return units < most ? units : most;
}
