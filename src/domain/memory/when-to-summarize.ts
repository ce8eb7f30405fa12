import { contextBudget } from "../context/budget.ts";
import { maxSummaryTokens } from "../context/fit-summary.ts";
import { oldestRecentTurnIndex } from "../context/prune-history.ts";
import type { ContextSettings } from "../context/settings.ts";
import type { WindowSummary, WindowTurn } from "../context/window.ts";

export interface SummaryTrigger {
  readonly settings: ContextSettings;
  /** The least of the limits of the models in the turn. */
  readonly minModelLimit: number;
  readonly summary: Pick<WindowSummary, "coversThroughTurnIndex" | "madeAtTurnIndex"> | null;
  readonly history: readonly Pick<WindowTurn, "turnIndex">[];
  readonly readsFromTurnIndex: number;
  readonly current: Pick<WindowTurn, "turnIndex">;
}

/**
 * The last turn that a summary covers when one begins at the end of the current turn; null when none is due. The audit
 * shows this answer, and the commit acts on it.
 */
export function dueThroughTurnIndex(trigger: SummaryTrigger, estimatedTokens: number): number | null {
  const { settings, minModelLimit, summary, history, readsFromTurnIndex, current } = trigger;
  const covered = summary?.coversThroughTurnIndex ?? 0;
  const turns = [...history, current];
  const through = oldestRecentTurnIndex({ settings, history: turns, readsFromTurnIndex }) - 1;
  if (through <= covered) return null;
  const { inputBudget } = contextBudget({ modelLimit: minModelLimit, maxOutput: settings.maxOutputTokens });
  const isCut = readsFromTurnIndex - 1 > covered;
  const isLate = current.turnIndex - (summary?.madeAtTurnIndex ?? 0) >= settings.mandatorySummaryTurn;
  const isFull = estimatedTokens >= inputBudget * settings.summaryTriggerRatio;
  return isCut || isLate || isFull ? through : null;
}

export interface UnsummarizedInput {
  readonly settings: ContextSettings;
  /** The least of the limits of the models that will read the turn. */
  readonly minModelLimit: number;
  /** The longest system message, and what else is in the prompt whatever is cut, such as pinned messages. */
  readonly promptTokens: number;
  readonly summaryTokens: number;
  /** The resolved turns that no summary covers, the recent ones included. */
  readonly unsummarized: { readonly turns: number; readonly messages: number; readonly tokens: number };
  readonly messageTokens: number;
}

/** No step is given more messages, beside those of recent turns, however small they are: the window that is read ends there. */
const maxMessagesRead = 4000;

/** Whether history that no summary covers would be cut from the first prompt of a turn. */
export function mustSummarizeFirst(input: UnsummarizedInput): boolean {
  const { settings, minModelLimit, unsummarized } = input;
  if (unsummarized.turns <= settings.recentTurnsToKeep) return false;
  if (unsummarized.messages > maxMessagesRead) return true;
  const { inputBudget } = contextBudget({ modelLimit: minModelLimit, maxOutput: settings.maxOutputTokens });
  const summaryTokens = Math.min(input.summaryTokens, maxSummaryTokens(inputBudget));
  const tokens = input.promptTokens + summaryTokens + unsummarized.tokens + input.messageTokens;
  return tokens >= inputBudget * settings.pruneTriggerRatio;
}
