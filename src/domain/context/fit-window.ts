import { type ContextBudget, contextBudget } from "./budget.ts";
import { fitSummary, maxSummaryTokens } from "./fit-summary.ts";
import { type Draft, load, pruneHistory, remainingHistory, replaceBySummary } from "./prune-history.ts";
import type { ContextSettings } from "./settings.ts";
import { shortenCarried } from "./shorten.ts";
import { unreadRanges } from "./unread-ranges.ts";
import {
  type CutMessage,
  shortenedCuts,
  turnTokens,
  type UnreadRange,
  type WindowMessage,
  type WindowSummary,
  type WindowTurn,
} from "./window.ts";

export interface FitWindowInput {
  readonly settings: ContextSettings;
  /** Null when the model's own limit is unknown. */
  readonly modelLimit: number | null;
  /** Whose window it is: of what is private to others it has no trace. */
  readonly agentKey: string;
  /** The system message, role prompt included. */
  readonly promptTokens: number;
  readonly summary: WindowSummary | null;
  /** Oldest first. Of turns before `readsFromTurnIndex` only what was read for a reason of its own, such as a pin. */
  readonly history: readonly WindowTurn[];
  /** The oldest turn that was read whole, and all after it; the first turn's when nothing was left unread. */
  readonly readsFromTurnIndex: number;
  /** The turn at hand: the user's message and the replies carried so far. */
  readonly current: WindowTurn;
}

/** The members of the 422 answer, as a client reads them. */
export interface ContextRejection {
  readonly input_budget: number;
  readonly estimated_tokens: number;
  readonly model_context_limit: number;
}

export interface FittedWindow {
  readonly budget: ContextBudget;
  readonly summary: WindowMessage | null;
  readonly history: readonly WindowTurn[];
  readonly current: WindowTurn;
  /** Those that are gone, in the order of the rules; then those that are shortened, in the order of the prompt. */
  readonly cuts: readonly CutMessage[];
  readonly ranges: readonly UnreadRange[];
  readonly estimateBefore: number;
  readonly estimateAfterSummary: number;
  readonly estimateAfterPrune: number;
  readonly isPruned: boolean;
  readonly rejected: ContextRejection | null;
}

/** Summarize, prune, reject: what of a session goes into one model call, what is left out, and by which rule. */
export function fitWindow(given: FitWindowInput): FittedWindow {
  const input = withoutPrivate(given);
  const budget = budgetOf(input);
  const loaded = load(input);
  const summarized = replaceBySummary(input.summary, loaded);
  const share = shareOf(input.summary, budget);
  const { tokens, removed, ...fitted } = fitBeside(share, input, { budget, draft: summarized });
  const summary = summaryWithin(Math.min(share, budget.inputBudget - tokens), input.summary);
  const estimateAfterSummary = summarized.tokens + (summaryWithin(share, input.summary)?.tokens ?? 0);
  const estimateAfterPrune = tokens + (summary?.tokens ?? 0);
  return {
    budget,
    summary,
    ...fitted,
    cuts: [...removed, ...droppedSummary(input, summary), ...shortenedCuts(windowMessages({ summary, ...fitted }))],
    ranges: unreadRanges(input.readsFromTurnIndex, input.summary?.coversThroughTurnIndex ?? 0),
    estimateBefore: loaded.tokens,
    estimateAfterSummary,
    estimateAfterPrune,
    isPruned: estimateAfterPrune < estimateAfterSummary,
    rejected: estimateAfterPrune > budget.inputBudget ? rejection(budget, estimateAfterPrune) : null,
  };
}

/** What goes in, in the order in which the model reads it. */
export function windowMessages(
  window: Pick<FittedWindow, "summary" | "history" | "current">,
): readonly WindowMessage[] {
  const summary = window.summary === null ? [] : [window.summary];
  return [...summary, ...window.history.flatMap((turn) => turn.messages), ...window.current.messages];
}

function withoutPrivate(input: FitWindowInput): FitWindowInput {
  const isOwn = ({ privateTo }: WindowMessage) => privateTo === null || privateTo === input.agentKey;
  const ownOf = (turn: WindowTurn) =>
    turn.messages.every(isOwn) ? turn : { ...turn, messages: turn.messages.filter(isOwn) };
  return { ...input, history: input.history.map(ownOf), current: ownOf(input.current) };
}

function budgetOf({ modelLimit, settings }: FitWindowInput): ContextBudget {
  return contextBudget({ modelLimit: modelLimit ?? settings.defaultModelLimit, maxOutput: settings.maxOutputTokens });
}

/**
 * What is reserved for the summary. It fills this only up to the end of a line, but all else is fitted beside the whole of
 * it: otherwise a larger model could gain a line of summary and lose a message for it.
 */
function shareOf(summary: WindowSummary | null, { inputBudget }: ContextBudget): number {
  return Math.min(summary?.message.tokens ?? 0, maxSummaryTokens(inputBudget));
}

interface Beside {
  readonly history: readonly WindowTurn[];
  readonly current: WindowTurn;
  readonly removed: readonly CutMessage[];
  readonly tokens: number;
}

function fitBeside(
  share: number,
  { history, current, settings }: FitWindowInput,
  { budget, draft }: { readonly budget: ContextBudget; readonly draft: Draft },
): Beside {
  const most = budget.inputBudget - share;
  const pruned = pruneHistory(draft, { pruneAt: budget.inputBudget * settings.pruneTriggerRatio - share, most });
  const shortened = shortenCarried(current, pruned.tokens - most);
  return {
    history: remainingHistory(history, pruned),
    current: shortened,
    removed: pruned.removed,
    tokens: pruned.tokens - turnTokens(current) + turnTokens(shortened),
  };
}

function summaryWithin(maxTokens: number, summary: WindowSummary | null): WindowMessage | null {
  return summary === null ? null : fitSummary(summary.message, maxTokens);
}

function droppedSummary({ summary }: FitWindowInput, kept: WindowMessage | null): readonly CutMessage[] {
  return summary === null || kept !== null ? [] : [{ messageId: summary.message.id, rule: "pruned_summary" }];
}

function rejection(budget: ContextBudget, estimatedTokens: number): ContextRejection {
  return {
    input_budget: budget.inputBudget,
    estimated_tokens: estimatedTokens,
    model_context_limit: budget.modelLimit,
  };
}
