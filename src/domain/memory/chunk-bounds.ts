import { type ContextLimits, contextBudget } from "../context/budget.ts";
import { maxPromptTokens, overheadTokensPerMessage } from "../meter/bound.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { countedParts, maxGoalBytes, maxInstructionsBytes, maxPriorBytes, summaryFormat } from "./chunk-prompt.ts";
import { chunkSize } from "./fit.ts";

/** What is to be summarized, by its messages' bound_tokens. */
export interface UnsummarizedBulk {
  readonly messages: number;
  /** Of all together. */
  readonly boundTokens: number;
  /** Of the longest. */
  readonly longestBoundTokens: number;
}

const promptMessages = 2;
const framing = maxPromptTokens([]) + promptMessages * overheadTokensPerMessage;
const formatBytes = utf8Bytes(JSON.stringify(summaryFormat.schema));
const maxBesideMessages = maxInstructionsBytes + maxGoalBytes + maxPriorBytes;
/** How a message is announced, beyond what its own bound counts. */
const announcementBytes = 32;

/** The most tokens that the prompt of a chunk may come to, the format that is sent with it included. */
export function maxChunkPromptTokens(modelLimit: number, maxOutput: number, bulk: UnsummarizedBulk | null): number {
  const limits = { modelLimit, maxOutput };
  const said = bulk === null ? Number.POSITIVE_INFINITY : bulk.boundTokens + bulk.messages * announcementBytes;
  const bytes = Math.min(chunkSize(contextBudget(limits)).bytes, maxBesideMessages + said);
  return Math.min(contextBudget(limits).modelLimit, bytes + framing + formatBytes);
}

/** What the house's own estimate makes of a byte, at most. */
const estimatedTokensPerByte = 1.25 / 4;
const maxFrameBytes = 440;
// Three quarters of the least that a piece can hold: it ends at a break of the text.
const minPieceBytes = 24;
const hardSplitBytes = 8;
/** What a count that is rounded up, and its spare, may add to a text. */
const roundingTokens = 2;

/**
 * How many chunks the bulk takes at most, where a count of a text is at most its bytes times `tokensPerByte` (by most
 * counts never more than one), rounded up. Two
 * chunks that follow each other could not have been one, and a message is split only where it is longer than a chunk.
 */
export function chunksNeeded(
  bulk: UnsummarizedBulk,
  limits: ContextLimits,
  tokensPerByte: number = estimatedTokensPerByte,
): number {
  if (bulk.messages === 0) return 0;
  const most = minMessageBytes(limits, tokensPerByte);
  const besideBound = announcementBytes + Math.ceil(roundingTokens / tokensPerByte);
  const total = bulk.boundTokens + bulk.messages * besideBound;
  if (total <= most) return 1;
  const slack = most - bulk.longestBoundTokens - besideBound;
  const withoutSplits = slack < 0 ? Number.POSITIVE_INFINITY : 1 + Math.floor(total / (slack + 1));
  return Math.min(withoutSplits, withSplits(total, most));
}

function withSplits(total: number, most: number): number {
  const piece = Math.max(minPieceBytes, Math.floor(((most - maxFrameBytes) * 3) / 4) - hardSplitBytes);
  const splits = Math.floor(total / piece);
  return 1 + splits + Math.floor((2 * (total + splits * maxFrameBytes)) / most);
}

/** The bytes that messages have for themselves in any chunk. */
function minMessageBytes(limits: ContextLimits, tokensPerByte: number): number {
  const { tokens, bytes } = chunkSize(contextBudget(limits));
  const inBytes = Math.min(bytes, Math.floor((tokens - countedParts * roundingTokens) / tokensPerByte));
  const free = inBytes - maxInstructionsBytes;
  return Math.max(1, Math.floor(free - Math.min(free / 2, maxGoalBytes + maxPriorBytes)));
}

/** The most tokens that all chunks of the bulk may come to together. */
export function maxSummaryTokens(
  bulk: UnsummarizedBulk,
  limits: ContextLimits,
): { readonly chunks: number; readonly promptTokens: number; readonly outputTokens: number } {
  const chunks = chunksNeeded(bulk, limits);
  const said = bulk.boundTokens + bulk.messages * announcementBytes + chunks * maxFrameBytes;
  const apart = chunks * (maxBesideMessages + framing + formatBytes) + said;
  const promptTokens = Math.min(apart, chunks * maxChunkPromptTokens(limits.modelLimit, limits.maxOutput, bulk));
  return { chunks, promptTokens, outputTokens: chunks * contextBudget(limits).outputReserve };
}
