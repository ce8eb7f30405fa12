import type { ChunkAudit, ContextAudit } from "../context/audit.ts";
import { contextBudget } from "../context/budget.ts";
import { agentOf, managerKey, type TurnPlan } from "../plan/plan.ts";
import { tokensFor } from "../tokens/calibrate-ratios.ts";
import { estimateByClass } from "../tokens/estimate.ts";
import { goalWithin, instructions, known, summaryFormat } from "./chunk-prompt.ts";
import type { RegisterEntry, SummaryCursor, SummaryRow } from "./entry.ts";
import { chunkSize, minus, sizeOf } from "./fit-text.ts";
import type { SummaryChunk, SummaryGround, UnsummarizedMessage } from "./ground.ts";
import { takeMessages } from "./take-messages.ts";

export interface SummaryClaim {
  readonly plan: TurnPlan;
  readonly checkpoint: string | null;
  readonly to_summarise: {
    readonly previous: SummaryRow | null;
    readonly entries: readonly RegisterEntry[];
    readonly messages: readonly UnsummarizedMessage[];
    readonly has_more: boolean;
    /** The last turn to be summed up: no turn up to it has anything left to say. */
    readonly through_turn_index: number;
  };
}

export interface PlannedChunk {
  readonly chunk: SummaryChunk;
  readonly audit: ContextAudit;
  /** Where the agent graph stood, when a call before this one ran out of time. */
  readonly graphCheckpoint: string | null;
  readonly chunksBefore: number;
  /** What is left after it is for another summary. */
  readonly isLast: boolean;
}

/** What one call of the summariser gets to see; null where nothing is left to sum up. */
export function planSummaryChunk({ plan, checkpoint, to_summarise }: SummaryClaim): PlannedChunk | null {
  const { summary, context, room } = plan;
  if (summary == null) throw new Error("the plan sums nothing up");
  const { previous, entries, messages, has_more, through_turn_index: throughTurnIndex } = to_summarise;
  if (isNoOp({ messages, throughTurnIndex })) return null;
  const manager = agentOf(plan, managerKey);
  const chunk = planChunk({
    room,
    previous,
    entries,
    messages,
    hasMore: has_more,
    throughTurnIndex,
    modelLimit: manager.context_limit,
    maxOutputTokens: context.maxOutputTokens,
    tokenCount: (text) => tokensFor(manager, text),
  });
  const { chunks, graph } = readCheckpoint(checkpoint);
  return {
    chunk,
    audit: auditOf(plan, chunk, previous),
    graphCheckpoint: graph,
    chunksBefore: chunks,
    isLast: chunk.cursorAfter === null || chunks + 1 >= summary.most_chunks,
  };
}

interface Checkpoint {
  readonly chunks: number;
  readonly graph: string | null;
}

export function writeCheckpoint(checkpoint: Checkpoint): string {
  return JSON.stringify(checkpoint);
}

function readCheckpoint(text: string | null): Checkpoint {
  return text === null ? { chunks: 0, graph: null } : toCheckpoint(JSON.parse(text));
}

// Only `writeCheckpoint` writes it.
function toCheckpoint(parsed: unknown): Checkpoint {
  return parsed as Checkpoint;
}

function auditOf(plan: TurnPlan, chunk: SummaryChunk, previous: SummaryRow | null): ContextAudit {
  const manager = agentOf(plan, managerKey);
  const limits = { modelLimit: manager.context_limit, maxOutput: plan.context.maxOutputTokens };
  const { modelLimit, inputBudget, outputReserve, overheadReserve } = contextBudget(limits);
  const estimate = chunk.promptMessages.reduce((sum, { content }) => sum + tokensFor(manager, content), 0);
  return {
    modelAlias: manager.model_alias,
    modelContextLimit: modelLimit,
    inputBudget,
    outputReserve,
    overheadReserve,
    estimateBefore: estimate,
    estimateAfterSummary: estimate,
    estimateAfterPrune: estimate,
    isSummaryWanted: false,
    isPruned: false,
    isRejected: false,
    summaryId: previous?.id ?? null,
    includedMessageIds: chunk.messages.map(({ id }) => id),
    cuts: [],
    ranges: [],
    chunk: toChunkAudit(chunk),
    promptHash: null,
    estimatedByClass: estimateByClass(chunk.promptMessages),
  };
}

function toChunkAudit({ messages, refs }: SummaryChunk): ChunkAudit {
  const messageRefs = new Set(messages.map(({ ref }) => ref));
  return {
    entryIds: [...refs].filter(([ref]) => !messageRefs.has(ref)).map(([, id]) => id),
    pieces: messages.map(({ id, from, to }) => ({ messageId: id, from, to })),
  };
}

/** Whether there is nothing new to summarise. */
export function isNoOp(ground: Pick<SummaryGround, "messages" | "throughTurnIndex">): boolean {
  return !ground.messages.some(({ turn_index }) => turn_index <= ground.throughTurnIndex);
}

/** What one call of the summariser gets to see: what is known, and as many messages as fit beside it, oldest first. */
export function planChunk(ground: SummaryGround): SummaryChunk {
  const { tokenCount } = ground;
  const limits = { modelLimit: ground.modelLimit, maxOutput: ground.maxOutputTokens };
  const free = minus(chunkSize(limits), sizeOf(instructions(ground, ""), tokenCount));
  const system = instructions(ground, goalWithin(ground, free));
  const before = known(ground, free);
  const used = [system, before.text].map((text) => sizeOf(text, tokenCount));
  const taken = takeMessages(ground, used.reduce(minus, chunkSize(limits)));
  const said = taken.pieces.map(({ quoted }) => quoted).join("");
  return {
    promptMessages: [
      { role: "system", content: system },
      { role: "user", content: (before.text + said).trimEnd() },
    ],
    format: summaryFormat,
    maxOutputTokens: contextBudget(limits).outputReserve,
    messages: taken.pieces.map(({ message }) => message),
    refs: new Map([...before.entryIdByRef, ...taken.pieces.map(({ message }) => [message.ref, message.id] as const)]),
    previousText: ground.previous?.text ?? "",
    cursorAfter: taken.cursor,
    throughTurnIndexAfter: throughAfter(ground, taken.cursor),
  };
}

function throughAfter({ previous, throughTurnIndex }: SummaryGround, cursor: SummaryCursor | null): number {
  if (cursor === null) return throughTurnIndex;
  return Math.max(previous?.through_turn_index ?? 0, cursor.turn_index - 1);
}
