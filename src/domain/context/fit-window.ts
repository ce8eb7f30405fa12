import { type ContextBudget, contextBudget } from "./budget.ts";
import type { ContextSettings } from "./settings.ts";
import { shortenCarried } from "./shorten.ts";
import {
  type CutMessage,
  type CutRule,
  turnTokens,
  type WindowMessage,
  type WindowSummary,
  type WindowTurn,
} from "./window.ts";

export interface FitWindowInput {
  readonly settings: ContextSettings;
  /** Null when the model's own limit is unknown. */
  readonly modelLimit: number | null;
  /** The system message, role prompt included. */
  readonly promptTokens: number;
  readonly summary: WindowSummary | null;
  /** Oldest first. */
  readonly history: readonly WindowTurn[];
  /** The turn at hand: the user's message and the replies carried so far. */
  readonly current: WindowTurn;
  readonly turnsSinceSummary: number;
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
  readonly cuts: readonly CutMessage[];
  readonly estimateBefore: number;
  readonly estimateAfterSummary: number;
  readonly estimateAfterPrune: number;
  readonly isSummaryWanted: boolean;
  readonly isPruned: boolean;
  readonly rejected: ContextRejection | null;
}

interface Draft {
  readonly history: readonly WindowTurn[];
  readonly current: WindowTurn;
  readonly tokens: number;
  readonly cuts: readonly CutMessage[];
}

/** Summarise, prune, reject: what of a session goes into one model call, what is left out, and by which rule. */
export function fitWindow(input: FitWindowInput): FittedWindow {
  const { settings } = input;
  const modelLimit = input.modelLimit ?? settings.defaultModelLimit;
  const budget = contextBudget({ modelLimit, maxOutput: settings.maxOutputTokens });
  const loaded = loadDraft(input);
  const summarized = replaceBySummary(loaded, input);
  const fitted = prune(summarized, input, budget);
  return {
    budget,
    summary: input.summary?.message ?? null,
    history: fitted.history.filter((turn) => turn.messages.length > 0),
    current: fitted.current,
    cuts: fitted.cuts,
    estimateBefore: loaded.tokens,
    estimateAfterSummary: summarized.tokens,
    estimateAfterPrune: fitted.tokens,
    isSummaryWanted:
      summarized.tokens >= budget.inputBudget * settings.summaryTriggerRatio ||
      input.turnsSinceSummary >= settings.mandatorySummaryTurn,
    isPruned: fitted.cuts.length > summarized.cuts.length,
    rejected: fitted.tokens > budget.inputBudget ? rejection(budget, fitted.tokens) : null,
  };
}

/** What goes in, in the order in which the model reads it. */
export function windowMessages(window: FittedWindow): readonly WindowMessage[] {
  const summary = window.summary === null ? [] : [window.summary];
  return [...summary, ...window.history.flatMap((turn) => turn.messages), ...window.current.messages];
}

function loadDraft(input: FitWindowInput): Draft {
  const history = input.history.reduce((sum, turn) => sum + turnTokens(turn), 0);
  const tokens = input.promptTokens + history + turnTokens(input.current);
  return { history: input.history, current: input.current, tokens, cuts: [] };
}

function replaceBySummary(draft: Draft, input: FitWindowInput): Draft {
  if (input.summary === null) return draft;
  const { message, coversThroughTurnIndex } = input.summary;
  const replaced = cutOldest(draft, "replaced_by_summary", {
    mayCut: (turn, index) => turn.turnIndex <= coversThroughTurnIndex && isOld(input, turn, index),
    isEnough: () => false,
  });
  return { ...replaced, tokens: replaced.tokens + message.tokens };
}

function prune(draft: Draft, input: FitWindowInput, budget: ContextBudget): Draft {
  const pruneAt = budget.inputBudget * input.settings.pruneTriggerRatio;
  const withoutReplies = cutOldest(draft, "pruned_oldest_reply", {
    mayCut: (turn, index, message) => isOld(input, turn, index) && isReply(message),
    isEnough: (tokens) => tokens < pruneAt,
  });
  const withoutTurns = cutOldest(withoutReplies, "pruned_oldest_turn", {
    mayCut: (turn, index) => isOld(input, turn, index),
    isEnough: (tokens) => tokens <= budget.inputBudget,
  });
  const excess = withoutTurns.tokens - budget.inputBudget;
  return excess > 0 ? shortenCurrent(withoutTurns, excess) : withoutTurns;
}

function shortenCurrent(draft: Draft, excessTokens: number): Draft {
  const { turn, cuts } = shortenCarried(draft.current, excessTokens);
  const tokens = draft.tokens - turnTokens(draft.current) + turnTokens(turn);
  return { ...draft, current: turn, tokens, cuts: [...draft.cuts, ...cuts] };
}

interface CutPlan {
  readonly mayCut: (turn: WindowTurn, turnPosition: number, message: WindowMessage) => boolean;
  readonly isEnough: (tokens: number) => boolean;
}

function cutOldest(draft: Draft, rule: Exclude<CutRule, "shortened_carry">, plan: CutPlan): Draft {
  let tokens = draft.tokens;
  const cuts = [...draft.cuts];
  const history = draft.history.map((turn, position) => {
    const messages = turn.messages.filter((message) => {
      if (isProtected(message) || plan.isEnough(tokens) || !plan.mayCut(turn, position, message)) return true;
      tokens -= message.tokens;
      cuts.push({ messageId: message.id, rule });
      return false;
    });
    return { ...turn, messages };
  });
  return { ...draft, history, tokens, cuts };
}

// No pass drops an emptied turn, so a turn's position in the draft is its position in the input.
function isOld(input: FitWindowInput, turn: WindowTurn, position: number): boolean {
  return turn.isResolved && position < input.history.length - input.settings.recentTurnsToKeep;
}

function isProtected(message: WindowMessage): boolean {
  return message.isPinned || message.author.kind === "summary";
}

function isReply(message: WindowMessage): boolean {
  return message.author.kind === "agent" || message.author.kind === "failed_agent";
}

function rejection(budget: ContextBudget, estimatedTokens: number): ContextRejection {
  return {
    input_budget: budget.inputBudget,
    estimated_tokens: estimatedTokens,
    model_context_limit: budget.modelLimit,
  };
}
