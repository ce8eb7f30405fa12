import type { Mode } from "../../contract/rooms.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import { creditUnits, oeHundredths } from "../meter/charge.ts";
import { mostSpeakersOf, planMost, planUsual } from "./course.ts";
import { type DraftInput, draftTurn, managerModel, type SeatedAgent, type TurnDraft } from "./draft.ts";
import { agentOf, managerKey, type PlannedAgent, type TurnPlan } from "./plan.ts";
import { type DraftStep, toDraftSteps } from "./rounds.ts";
import { type SaidMessage, userMessage } from "./said.ts";
import { prepareCall } from "./window.ts";

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
  const manager = managerModel(input);
  const draft = draftTurn({ ...input, manager: manager ?? standInModel, agents: input.agents.map(withStandInPrice) });
  if (draft.kind === "refused") return draft;
  const { plan, oversize } = draft;
  if (oversize !== null) return { kind: "oversize", rejection: oversize.rejection };
  const unpriced = new Set(input.agents.filter(isUnpriced).map(({ key }) => key));
  if (manager === null) unpriced.add(managerKey);
  const most = [...draft.steps, ...laterSteps(plan, draft.steps)];
  const usual = [...draft.steps.filter(isSummary), ...toDraftSteps(plan, planUsual(plan), new Map())];
  const agents = plan.agents
    .map((agent) => {
      const own = ({ agent_key }: DraftStep) => agent_key === agent.key;
      const calls = most.filter(own).length;
      const cost = unpriced.has(agent.key)
        ? null
        : costOf(input, plan, { most: most.filter(own), usual: usual.filter(own) });
      return { agentKey: agent.key, agentName: agent.name, modelAlias: agent.model_alias, calls, cost };
    })
    .filter(({ agentKey, calls }) => calls > 0 || agentKey !== managerKey);
  const sum = sumKnown(agents.map(({ cost }) => cost));
  const total = sum === null ? null : { ...sum, high: heldFor(asMany(plan, most)) };
  const startUnits = total === null ? null : heldFor(draft.steps);
  return { kind: "quoted", mode: input.mode, rounds: plan.rounds, agents, total, startUnits };
}

function isSummary({ purpose }: DraftStep): boolean {
  return purpose === "summarize";
}

/** Where a round asks fewer than it names, the costliest of them. */
function asMany(plan: TurnPlan, steps: readonly DraftStep[]): readonly DraftStep[] {
  const most = mostSpeakersOf(plan);
  if (most === null) return steps;
  const isReply = ({ purpose }: DraftStep) => purpose === "agent";
  const rounds = [...new Set(steps.filter(isReply).map(({ round }) => round))];
  const asked = rounds.flatMap((round) =>
    steps
      .filter((step) => isReply(step) && step.round === round)
      .toSorted(byHold)
      .slice(0, most),
  );
  return [...steps.filter((step) => !isReply(step)), ...asked];
}

function byHold(left: DraftStep, right: DraftStep): number {
  return Number(BigInt(right.hold_units) - BigInt(left.hold_units));
}

// So that an agent without a price takes its place among the others; what comes of these figures is left out.
const standInPrice = { provider_model: "", context_limit: Number.MAX_SAFE_INTEGER, multiplier_milli: 1 };
const standInModel = { ...standInPrice, model_alias: "" };

function withStandInPrice(agent: SeatedAgent): SeatedAgent {
  return isUnpriced(agent) ? { ...agent, ...standInPrice } : agent;
}

function isUnpriced(agent: SeatedAgent): boolean {
  return agent.provider_model === null || agent.context_limit === null || agent.multiplier_milli === null;
}

/** Of replies that nobody knows yet the cap counts. */
function laterSteps(plan: TurnPlan, first: readonly DraftStep[]): readonly DraftStep[] {
  const last = Math.max(...first.map(({ step_index }) => step_index));
  return toDraftSteps(
    plan,
    planMost(plan).filter(({ index }) => index > last),
    new Map(),
  );
}

function heldFor(steps: readonly DraftStep[]): bigint {
  return steps.reduce((sum, { hold_units }) => sum + BigInt(hold_units), 0n);
}

interface OwnSteps {
  readonly most: readonly DraftStep[];
  readonly usual: readonly DraftStep[];
}

function costOf(input: QuoteInput, plan: TurnPlan, { most, usual }: OwnSteps): CostRange {
  const high = heldFor(most);
  const agentKey = usual[0]?.agent_key;
  if (agentKey === undefined) return { low: 0n, expected: 0n, high };
  const costs = sumCosts(costsOfSteps(input, plan, { agentKey, steps: usual }));
  const expected = atMost(high, costs.expected);
  return { low: atMost(expected, costs.low), expected, high };
}

interface StepsOfAgent {
  readonly agentKey: string;
  readonly steps: readonly DraftStep[];
}

function costsOfSteps(input: QuoteInput, plan: TurnPlan, { agentKey, steps }: StepsOfAgent): readonly CostRange[] {
  const { promptTokens, inputBudget, outputReserve } = estimatePrompt(input, plan, agentKey);
  const agent = agentOf(plan, agentKey);
  const reply = expectedReplyTokens(input.window.messages);
  const expectedOutput = Math.min(reply, outputReserve);
  const lowOutput = Math.min(shortReplyTokens, expectedOutput);
  return steps.map((step) => {
    // What is more than the window takes is cut from the history or shortened.
    const prompt = Math.max(promptTokens, Math.min(promptTokens + step.sees.length * reply, inputBudget));
    const least = isSummary(step) ? Math.max(promptTokens, input.history.unsummarisedTokens) : promptTokens;
    const high = BigInt(step.hold_units);
    const expected = atMost(high, unitsOf(agent, Math.max(prompt, least), expectedOutput));
    return { low: atMost(expected, unitsOf(agent, least, lowOutput)), expected, high };
  });
}

/** The prompt by the rules of the window, before anyone has replied. */
function estimatePrompt({ turnIndex, window, message, windowTokens }: QuoteInput, plan: TurnPlan, agentKey: string) {
  const current = [userMessage(turnIndex, message)];
  const step = { index: 0, purpose: "agent", agentKey, round: 1, instruction: null } as const;
  const { audit } = prepareCall({ plan, step, seed: "", turnIndex, window, current, steps: [], promptBound: null });
  const { estimateAfterPrune, inputBudget, outputReserve } = audit;
  const earlier = Math.max(0, windowTokens - window.messages.reduce((sum, { tokens }) => sum + tokens, 0));
  // Earlier turns go in as far as there is room.
  const promptTokens = Math.max(estimateAfterPrune, Math.min(estimateAfterPrune + earlier, inputBudget));
  return { promptTokens, inputBudget, outputReserve };
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
