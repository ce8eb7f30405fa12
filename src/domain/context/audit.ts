import { type FittedWindow, windowMessages } from "./fit-window.ts";
import type { CutMessage } from "./window.ts";

/** One row for each model call, a refused one too. */
export interface ContextAudit {
  readonly modelAlias: string;
  readonly modelContextLimit: number;
  readonly inputBudget: number;
  readonly outputReserve: number;
  readonly overheadReserve: number;
  readonly estimateBefore: number;
  readonly estimateAfterSummary: number;
  readonly estimateAfterPrune: number;
  readonly isSummaryWanted: boolean;
  readonly isPruned: boolean;
  readonly isRejected: boolean;
  readonly summaryMessageId: string | null;
  /** In the order of the prompt, the summary first; of a refused call, what would have been left. */
  readonly includedMessageIds: readonly string[];
  readonly cuts: readonly CutMessage[];
}

export function windowToAudit(modelAlias: string, window: FittedWindow): ContextAudit {
  return {
    modelAlias,
    modelContextLimit: window.budget.modelLimit,
    inputBudget: window.budget.inputBudget,
    outputReserve: window.budget.outputReserve,
    overheadReserve: window.budget.overheadReserve,
    estimateBefore: window.estimateBefore,
    estimateAfterSummary: window.estimateAfterSummary,
    estimateAfterPrune: window.estimateAfterPrune,
    isSummaryWanted: window.isSummaryWanted,
    isPruned: window.isPruned,
    isRejected: window.rejected !== null,
    summaryMessageId: window.summary?.id ?? null,
    includedMessageIds: windowMessages(window).map((message) => message.id),
    cuts: window.cuts,
  };
}
