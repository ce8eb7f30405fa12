import { contextBudget, estimateTokens } from "../context/budget.ts";
import type { ContextSettings } from "../context/settings.ts";
import { chunksNeeded, maxChunkPromptTokens, type UnsummarizedBulk } from "../memory/chunk-bounds.ts";
import { mustSummarizeFirst } from "../memory/when-to-summarize.ts";
import { maxUnits } from "../meter/bound.ts";
import { agentOf, managerKey, minContextLimit, type PlannedSummary, type TurnPlan } from "../plan/plan.ts";
import { systemPrompt } from "../speaker/build-prompt.ts";
import { carriedTokens } from "./hold.ts";
import { systemPromptInput } from "./prompt-input.ts";
import type { DraftStep } from "./rounds.ts";
import { type SaidMessage, type SessionWindow, toWords } from "./said.ts";
import { type CallInput, windowTokens } from "./window.ts";

/** Before the first step of any mode. */
export const summarizeIndex = -1;
/** What one summary may take in calls; a longer history is summed up by the next one. */
const maxChunks = 8;
/** What asking for an answer again adds to the prompt. */
const repairTokens = 1500;

/** How much a turn finds in its session, as far as it can matter to any of the models. */
export interface HistorySize {
  /** The most tokens of all that a prompt may take from it. */
  readonly boundTokens: number;
  /** By the estimate, what no summary covers. */
  readonly unsummarizedTokens: number;
  readonly unsummarizedTurns: number;
  readonly unsummarizedMessages: number;
  readonly longestBoundTokens: number;
}

/** What a turn is made from, as far as it decides whether its session is summed up first. */
export interface SummaryNeed {
  readonly context: ContextSettings;
  readonly history: HistorySize;
  readonly isSummarizing: boolean;
  readonly messageTokens: number;
  readonly turnIndex: number;
  readonly window: SessionWindow;
}

/** The summary that a turn must begin with, if any. */
export function firstSummary(need: SummaryNeed, plan: TurnPlan): PlannedSummary | null {
  const { context, history, isSummarizing, messageTokens, turnIndex, window } = need;
  const pinned = window.messages.filter(({ turn_index }) => turn_index < window.reads_from_turn_index);
  const isMust = mustSummarizeFirst({
    settings: context,
    minModelLimit: minContextLimit(plan),
    promptTokens: longestVoice(plan) + framedTokens(pinned),
    summaryTokens: window.summary?.tokens ?? 0,
    unsummarized: {
      turns: history.unsummarizedTurns,
      messages: history.unsummarizedMessages,
      tokens: history.unsummarizedTokens + history.unsummarizedMessages * usualFrameTokens,
    },
    messageTokens,
  });
  if (!isMust || isSummarizing) return null;
  const { boundTokens, unsummarizedMessages: messages, longestBoundTokens } = history;
  const bulk = { boundTokens, messages, longestBoundTokens };
  return planSummary(plan, {
    throughTurnIndex: window.reads_from_turn_index - 1,
    madeAtTurnIndex: turnIndex - 1,
    bulk,
  });
}

/** Of a message that nobody has read yet, since the database counts no frames. */
const usualFrameTokens = 20;

function framedTokens(messages: readonly SaidMessage[]): number {
  return messages.reduce((sum, { tokens }) => sum + tokens + usualFrameTokens, 0);
}

function longestVoice(plan: TurnPlan): number {
  return Math.max(...plan.agents.map((agent) => estimateTokens(systemPrompt(systemPromptInput(plan, agent)))));
}

export interface Reach {
  readonly throughTurnIndex: number;
  readonly madeAtTurnIndex: number;
  /** What is to be summed up, at most; null where nobody has counted it. */
  readonly bulk: UnsummarizedBulk | null;
}

function planSummary(plan: TurnPlan, reach: Reach): PlannedSummary {
  const { throughTurnIndex, madeAtTurnIndex, bulk } = reach;
  const { context_limit: modelLimit } = agentOf(plan, managerKey);
  const limits = { modelLimit, maxOutput: plan.context.maxOutputTokens };
  const chunks = bulk === null ? maxChunks : Math.min(maxChunks, Math.max(1, chunksNeeded(bulk, limits)));
  return {
    through_turn_index: throughTurnIndex,
    made_at_turn_index: madeAtTurnIndex,
    most_chunks: chunks,
    most_prompt_tokens: maxChunkPromptTokens(modelLimit, limits.maxOutput, bulk) + repairTokens,
  };
}

/** The step that sums up: held for at what all of its calls may come to. */
export function draftSummarizeStep(plan: TurnPlan, summary: PlannedSummary): DraftStep {
  const manager = agentOf(plan, managerKey);
  const limits = { modelLimit: manager.context_limit, maxOutput: plan.context.maxOutputTokens };
  const perCall = maxUnits({
    promptTokens: summary.most_prompt_tokens,
    outputTokens: contextBudget(limits).outputReserve,
    multiplierMilli: manager.multiplier_milli,
  });
  return {
    step_index: summarizeIndex,
    purpose: "summarize",
    agent_key: managerKey,
    round: 1,
    waiting_on: 0,
    unblocks: [],
    sees: [],
    instruction: null,
    window_tokens: windowTokens(plan, managerKey),
    prompt_bound: null,
    hold_units: (perCall * BigInt(summary.most_chunks)).toString(),
  };
}

export interface SummaryTurn {
  readonly plan: TurnPlan;
  readonly step: DraftStep;
}

/** The summary to make when the turn ends here, beside the conversation, so that the next turn need not wait for it. */
export function followingSummary(
  { plan, turnIndex, window }: CallInput,
  dueThroughTurnIndex: number | null,
): SummaryTurn | null {
  if (dueThroughTurnIndex === null || !plan.agents.some(({ key }) => key === managerKey)) return null;
  const reach = { throughTurnIndex: dueThroughTurnIndex, madeAtTurnIndex: turnIndex };
  const covered = window.summary?.through_turn_index ?? 0;
  return toSummaryTurn(plan, { ...reach, bulk: bulkOf(window, { covered, through: dueThroughTurnIndex }) });
}

/** A summary as a turn of its own, by the manager of a plan. */
export function toSummaryTurn(plan: TurnPlan, reach: Reach): SummaryTurn {
  const summary = planSummary(plan, reach);
  const own = {
    ...plan,
    mode: "summary",
    rounds: 1,
    agents: plan.agents.filter(({ key }) => key === managerKey),
    most_replies: 0,
    summary,
  } as const;
  return { plan: own, step: draftSummarizeStep(own, summary) };
}

/** Null where the window does not reach back to what the last summary covers. */
function bulkOf(
  { messages, reads_from_turn_index }: SessionWindow,
  { covered, through }: { readonly covered: number; readonly through: number },
): UnsummarizedBulk | null {
  if (reads_from_turn_index > covered + 1) return null;
  const uncovered = messages.filter(({ turn_index }) => turn_index > covered && turn_index <= through);
  const most = Number.MAX_SAFE_INTEGER;
  const sizes = uncovered.map((said) => carriedTokens(toWords(said), most));
  const boundTokens = sizes.reduce((sum, size) => sum + size, 0);
  return { boundTokens, messages: uncovered.length, longestBoundTokens: Math.max(0, ...sizes) };
}
