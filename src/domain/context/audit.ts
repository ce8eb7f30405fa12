import type { TokensByPart } from "../tokens/estimate.ts";
import { type FittedWindow, windowMessages } from "./fit-window.ts";
import type { CutMessage, UnreadRange } from "./window.ts";

/** What a call of the summarizer saw beside the summary before: of the register, and of each message a piece, in code points. */
export interface ChunkAudit {
  readonly entryIds: readonly string[];
  readonly pieces: readonly { readonly messageId: string; readonly from: number; readonly to: number }[];
}

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
  /** The row of the summary that was used. */
  readonly summaryId: string | null;
  /** In the order of the prompt, the summary first; of a refused call, what would have been left. */
  readonly includedMessageIds: readonly string[];
  readonly cuts: readonly CutMessage[];
  /** What was not even read: with what is in and what was cut, all of the session before the turn. */
  readonly ranges: readonly UnreadRange[];
  /** Only of a call that sums up. */
  readonly chunk?: ChunkAudit;
  /** The SHA-256 of the prompt as it was sent; null where none was. */
  readonly promptHash: string | null;
  /** The prompt by the base estimate, for learning from the provider's own count; null where it was not counted. */
  readonly estimatedByClass: TokensByPart | null;
}

export function windowToAudit(
  modelAlias: string,
  window: FittedWindow,
  summaryDueThrough: number | null,
): ContextAudit {
  return {
    modelAlias,
    modelContextLimit: window.budget.modelLimit,
    inputBudget: window.budget.inputBudget,
    outputReserve: window.budget.outputReserve,
    overheadReserve: window.budget.overheadReserve,
    estimateBefore: window.estimateBefore,
    estimateAfterSummary: window.estimateAfterSummary,
    estimateAfterPrune: window.estimateAfterPrune,
    isSummaryWanted: summaryDueThrough !== null,
    isPruned: window.isPruned,
    isRejected: window.rejected !== null,
    summaryId: window.summary?.id ?? null,
    includedMessageIds: windowMessages(window).map((message) => message.id),
    cuts: window.cuts,
    ranges: window.ranges,
    promptHash: null,
    estimatedByClass: null,
  };
}
