import { creditUnits, oeHundredths } from "../meter/charge.ts";
import { agentOf, type PlannedAgent, type TurnPlan } from "../plan/plan.ts";
import type { DraftInput } from "./draft.ts";
import type { DraftStep } from "./rounds.ts";
import { type SaidMessage, toWords, userMessage } from "./said.ts";
import { type TokenCounter, toTokenCounter } from "./token-counter.ts";
import { fitWithoutPrompt } from "./window.ts";

export interface QuoteInput extends DraftInput {
  /** By the estimate, all of the session's history that the widest model can read; the recent turns are part of it. */
  readonly windowTokens: number;
  readonly windowMessages: number;
}

/** In units of credit; low <= expected <= high. */
export interface CostRange {
  readonly low: bigint;
  readonly expected: bigint;
  readonly high: bigint;
}

/** Of a session in which no agent has spoken lately. */
export const usualReplyTokens = 400;
/** A reply of a few sentences: all goes well and nobody says more than needed. */
export const shortReplyTokens = 60;

interface OwnSteps {
  readonly most: readonly DraftStep[];
  readonly usual: readonly DraftStep[];
}

export function costOf(input: QuoteInput, plan: TurnPlan, { most, usual }: OwnSteps): CostRange {
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
    const least = isSummary(step) ? Math.max(promptTokens, input.history.unsummarizedTokens) : promptTokens;
    const high = BigInt(step.hold_units);
    const expected = atMost(high, unitsOf(agent, Math.max(prompt, least), expectedOutput));
    return { low: atMost(expected, unitsOf(agent, least, lowOutput)), expected, high };
  });
}

/** The prompt by the rules of the window, before anyone has replied. */
function estimatePrompt(input: QuoteInput, plan: TurnPlan, agentKey: string) {
  const { turnIndex, window, message } = input;
  const current = [userMessage(turnIndex, message)];
  const step = { index: 0, purpose: "agent", agentKey, round: 1, instruction: null } as const;
  const { audit } = fitWithoutPrompt({
    plan,
    step,
    seed: "",
    turnIndex,
    window,
    current,
    steps: [],
    promptBound: null,
  });
  const { estimateAfterPrune, inputBudget, outputReserve } = audit;
  const earlier = earlierTokens(input, toTokenCounter(agentOf(plan, agentKey)));
  // Earlier turns go in as far as there is room.
  const promptTokens = Math.max(estimateAfterPrune, Math.min(estimateAfterPrune + earlier, inputBudget));
  return { promptTokens, inputBudget, outputReserve };
}

/** Beyond the messages that are at hand, with around each what is around those on average. */
function earlierTokens(
  { window: { messages }, windowTokens, windowMessages }: QuoteInput,
  reader: TokenCounter,
): number {
  const frames = messages.reduce((sum, said) => sum + reader.wrapperTokens(toWords(said).author), 0);
  const earlier = Math.max(0, windowMessages - messages.length);
  const framesOfEarlier = Math.ceil((frames / Math.max(1, messages.length)) * earlier);
  const tokens = windowTokens - messages.reduce((sum, said) => sum + said.tokens, 0);
  return Math.max(0, tokens + framesOfEarlier);
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

export function sumKnown(costs: readonly (CostRange | null)[]): CostRange | null {
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

export function heldFor(steps: readonly DraftStep[]): bigint {
  return steps.reduce((sum, { hold_units }) => sum + BigInt(hold_units), 0n);
}

export function isSummary({ purpose }: DraftStep): boolean {
  return purpose === "summarize";
}
