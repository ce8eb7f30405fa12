import { contextBudget } from "./budget.ts";
import { mostSummaryTokens } from "./fit-summary.ts";
import type { ContextSettings } from "./settings.ts";
import type { WindowSummary, WindowTurn } from "./window.ts";

export interface SummaryGround {
  readonly settings: ContextSettings;
  readonly summary: Pick<WindowSummary, "coversThroughTurnIndex" | "madeAtTurnIndex"> | null;
  readonly history: readonly WindowTurn[];
  readonly readsFromTurnIndex: number;
  readonly current: Pick<WindowTurn, "turnIndex">;
}

/** The oldest turn that is recent: whole turns count, however many messages each has. */
export function recentFromTurnIndex({ settings, history, readsFromTurnIndex }: SummaryGround): number {
  const whole = history.filter(({ turnIndex }) => turnIndex >= readsFromTurnIndex);
  return whole.at(-settings.recentTurnsToKeep)?.turnIndex ?? readsFromTurnIndex;
}

export function isSummaryWanted(ground: SummaryGround, estimatedTokens: number, inputBudget: number): boolean {
  const { settings, summary, current } = ground;
  const turnsSinceSummary = current.turnIndex - 1 - (summary?.madeAtTurnIndex ?? 0);
  const isCut = ground.readsFromTurnIndex - 1 > (summary?.coversThroughTurnIndex ?? 0);
  const isLate = turnsSinceSummary >= settings.mandatorySummaryTurn;
  const isDue = isCut || isLate || estimatedTokens >= inputBudget * settings.summaryTriggerRatio;
  return isDue && hasUnsummarized(ground);
}

function hasUnsummarized(ground: SummaryGround): boolean {
  const { settings, summary, history, readsFromTurnIndex } = ground;
  const covered = summary?.coversThroughTurnIndex ?? 0;
  const recentFrom = recentFromTurnIndex(ground);
  const isOpen = (turn: WindowTurn) => turn.isResolved && turn.turnIndex > covered && turn.turnIndex < recentFrom;
  if (history.some((turn) => turn.turnIndex >= readsFromTurnIndex && isOpen(turn))) return true;
  const whole = history.filter(({ turnIndex }) => turnIndex >= readsFromTurnIndex).length;
  const recentUnread = Math.max(0, settings.recentTurnsToKeep - whole);
  return readsFromTurnIndex - 1 - recentUnread > covered;
}

export interface UnsummarizedGround {
  readonly settings: ContextSettings;
  /** The least of the limits of the models that will read the turn. */
  readonly leastModelLimit: number;
  /** The longest system message, and what else is in the prompt whatever is cut, such as pinned messages. */
  readonly promptTokens: number;
  readonly summaryTokens: number;
  /** The resolved turns that no summary covers, the recent ones included. */
  readonly unsummarised: { readonly turns: number; readonly messages: number; readonly tokens: number };
  readonly messageTokens: number;
}

/** No step is given more messages, beside those of recent turns, however small they are: the window that is read ends there. */
const mostMessagesRead = 4000;

/** Whether history that no summary covers would be cut from the first prompt of a turn. */
export function mustSummarizeFirst(ground: UnsummarizedGround): boolean {
  const { settings, leastModelLimit, unsummarised } = ground;
  if (unsummarised.turns <= settings.recentTurnsToKeep) return false;
  if (unsummarised.messages > mostMessagesRead) return true;
  const { inputBudget } = contextBudget({ modelLimit: leastModelLimit, maxOutput: settings.maxOutputTokens });
  const summaryTokens = Math.min(ground.summaryTokens, mostSummaryTokens(inputBudget));
  const tokens = ground.promptTokens + summaryTokens + unsummarised.tokens + ground.messageTokens;
  return tokens >= inputBudget * settings.pruneTriggerRatio;
}
