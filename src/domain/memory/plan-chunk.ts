import type { ChunkAudit, ContextAudit } from "../context/audit.ts";
import { type ContextBudget, contextBudget } from "../context/budget.ts";
import { agentOf, managerKey, type PlannedAgent, type TurnPlan } from "../plan/plan.ts";
import { tokensFor } from "../tokens/calibrate-ratios.ts";
import { estimateByClass } from "../tokens/estimate.ts";
import type { ChunkInput, StoredMemory, SummaryChunk } from "./chunk.ts";
import { goalWithin, instructions, priorContext, summaryFormat } from "./chunk-prompt.ts";
import type { SummaryCursor } from "./entry.ts";
import { chunkSize, sizeOf, subtract, takeMessages } from "./fit.ts";

export interface SummaryClaim {
  readonly plan: TurnPlan;
  readonly checkpoint: string | null;
  readonly unsummarized: Omit<StoredMemory, "open_counts">;
}

export interface PlannedChunk {
  readonly chunk: SummaryChunk;
  readonly manager: PlannedAgent;
  readonly audit: ContextAudit;
  /** Where the agent graph stood, when a call before this one ran out of time. */
  readonly graphCheckpoint: string | null;
  readonly chunksBefore: number;
  /** What is left after it is for another summary. */
  readonly isLast: boolean;
}

/** What one call of the summarizer gets to see; null where nothing is left to sum up. */
export function planSummaryChunk({ plan, checkpoint, unsummarized }: SummaryClaim): PlannedChunk | null {
  const { summary, context, room } = plan;
  if (summary == null) throw new Error("the plan sums nothing up");
  if (isNoOp(unsummarized)) return null;
  const manager = agentOf(plan, managerKey);
  const budget = contextBudget({ modelLimit: manager.context_limit, maxOutput: context.maxOutputTokens });
  const tokenCount = (text: string) => tokensFor(manager, text);
  const chunk = planChunk({ ...unsummarized, room, budget, tokenCount });
  const { chunks, graph } = readCheckpoint(checkpoint);
  return {
    chunk,
    manager,
    audit: auditOf(chunk, { manager, budget, summaryId: unsummarized.previous?.id ?? null }),
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

interface ChunkReader {
  readonly manager: PlannedAgent;
  readonly budget: ContextBudget;
  readonly summaryId: string | null;
}

function auditOf(chunk: SummaryChunk, { manager, budget, summaryId }: ChunkReader): ContextAudit {
  const { modelLimit, inputBudget, outputReserve, overheadReserve } = budget;
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
    summaryId,
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

/** Whether there is nothing new to summarize. */
export function isNoOp(input: Pick<ChunkInput, "messages" | "through_turn_index">): boolean {
  return !input.messages.some(({ turn_index }) => turn_index <= input.through_turn_index);
}

/** What one call of the summarizer gets to see: what is known, and as many messages as fit beside it, oldest first. */
export function planChunk(input: ChunkInput): SummaryChunk {
  const { budget, tokenCount } = input;
  const size = chunkSize(budget);
  const free = subtract(size, sizeOf(instructions(input, ""), tokenCount));
  const system = instructions(input, goalWithin(input, free));
  const before = priorContext(input, free);
  const used = [system, before.text].map((text) => sizeOf(text, tokenCount));
  const taken = takeMessages(input, used.reduce(subtract, size));
  const said = taken.pieces.map(({ quoted }) => quoted).join("");
  return {
    promptMessages: [
      { role: "system", content: system },
      { role: "user", content: (before.text + said).trimEnd() },
    ],
    format: summaryFormat,
    maxOutputTokens: budget.outputReserve,
    messages: taken.pieces.map(({ message }) => message),
    refs: new Map([...before.entryIdByRef, ...taken.pieces.map(({ message }) => [message.ref, message.id] as const)]),
    previousText: input.previous?.text ?? "",
    cursorAfter: taken.cursor,
    throughTurnIndexAfter: throughAfter(input, taken.cursor),
  };
}

function throughAfter({ previous, through_turn_index }: ChunkInput, cursor: SummaryCursor | null): number {
  if (cursor === null) return through_turn_index;
  return Math.max(previous?.through_turn_index ?? 0, cursor.turn_index - 1);
}
