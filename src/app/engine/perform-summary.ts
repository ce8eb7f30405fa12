import type { StepMessage } from "../../contract/step-message.ts";
import { applySummary } from "../../domain/memory/apply-summary.ts";
import type { StoredMemory } from "../../domain/memory/chunk.ts";
import type { ChunkSummary } from "../../domain/memory/entry.ts";
import { type PlannedChunk, planSummaryChunk, writeCheckpoint } from "../../domain/memory/plan-chunk.ts";
import { readChunkReply, sumUp } from "../../domain/memory/read-summary.ts";
import { afterFailure } from "../../domain/turn/outcome.ts";
import { quotedTokens } from "../../domain/turn/said.ts";
import * as graph from "../../graph/run-agent.ts";
import type { NewSummary } from "../../ports/memory.ts";
import type { ClaimedSummary, Committed, StepCommit, StepOutcome } from "../../ports/steps.ts";
import { toCallRows } from "./call-rows.ts";
import { commitSurely } from "./commit-surely.ts";
import type { StepPorts } from "./step-ports.ts";

export interface Performed {
  readonly commit: StepCommit;
  readonly committed: Committed;
}

type Base = Omit<StepCommit, keyof StepOutcome>;

/** One call of the one who sums up, and the next version of the summary: what it covers is replaced once that is written. */
export async function performSummary(
  ports: StepPorts,
  { turn, step }: StepMessage,
  claim: ClaimedSummary,
): Promise<Performed> {
  const planned = planSummaryChunk(claim);
  const base = { turn, step, token: claim.token, audit_id: ports.ids.uuid(), audit: null, calls: [], tool_calls: [] };
  if (planned === null) return commitOnce(ports, { ...base, ...endOf(null) });
  const result = claim.is_exhausted ? null : await callSummarizer(ports, claim, planned);
  const called = result === null ? base : { ...base, ...(await recordOf(ports, { claim, planned, result })) };
  const again = result === null ? null : toAgain(claim, planned, result);
  if (again !== null) return commitOnce(ports, { ...called, ...again });
  const reply = result?.kind === "replied" ? result.result : null;
  return writeSummary(ports, { base: called, claim, planned, summary: sumUp(planned.chunk, reply) });
}

interface MadeCall {
  readonly claim: ClaimedSummary;
  readonly planned: PlannedChunk;
  readonly result: graph.AgentResult;
}

async function recordOf({ digest, ids }: StepPorts, { claim, planned, result }: MadeCall) {
  const promptHash = await digest.sha256Hex(JSON.stringify(planned.chunk.promptMessages));
  return { audit: { ...planned.audit, promptHash }, calls: toCallRows(ids, claim, result.calls) };
}

async function commitOnce(ports: StepPorts, commit: StepCommit): Promise<Performed> {
  return { commit, committed: await commitSurely(ports, commit) };
}

function callSummarizer(ports: StepPorts, { step }: ClaimedSummary, { chunk, manager, graphCheckpoint }: PlannedChunk) {
  const { modelTimeoutSeconds, stepDeadlineSeconds } = ports.turnSettings;
  return graph.runAgent(ports, {
    threadId: step.id,
    messages: chunk.promptMessages,
    providerModel: manager.provider_model,
    maxOutputTokens: chunk.maxOutputTokens,
    modelTimeoutMs: modelTimeoutSeconds * 1000,
    deadlineAtMs: ports.clock.now().getTime() + stepDeadlineSeconds * 1000,
    roster: [],
    self: manager,
    format: chunk.format,
    readReply: (value) => readChunkReply(chunk, value),
    tools: [],
    approvals: {},
    checkpoint: graphCheckpoint,
    onDelta: () => undefined,
  });
}

/** The call is to be made again, or to be gone on with; null: what there is counts. */
function toAgain(
  { step }: ClaimedSummary,
  { chunksBefore }: PlannedChunk,
  result: graph.AgentResult,
): StepOutcome | null {
  if (result.kind === "unfinished") {
    const checkpoint = writeCheckpoint({ chunks: chunksBefore, graph: result.checkpoint });
    return { outcome: "continue", checkpoint, events: [], summary: null };
  }
  if (result.kind !== "failed") return null;
  const next = afterFailure(result.failure, { attempts: step.attempts, waitedSeconds: step.waited_seconds });
  if (next.kind === "give_up") return null;
  return {
    outcome: "retry",
    retry_after_seconds: next.retryAfterSeconds,
    is_fault: next.isFault,
    checkpoint: null,
  };
}

interface Written {
  readonly base: Base;
  readonly claim: ClaimedSummary;
  readonly planned: PlannedChunk;
  readonly summary: ChunkSummary;
}

const maxRevisions = 3;

/** The user may correct the register while the model writes: then the same answer joins what the register holds now. */
async function writeSummary(ports: StepPorts, written: Written): Promise<Performed> {
  const { base, claim, planned } = written;
  let memory: StoredMemory = claim.unsummarized;
  for (let revision = 0; ; revision += 1) {
    const performed = await commitOnce(ports, { ...base, ...outcomeOf(planned, toSummary(ports, written, memory)) });
    const { committed } = performed;
    if (committed.kind !== "stale" || revision === maxRevisions) return performed;
    memory = committed.unsummarized;
    if (!isSameReach(memory, claim.unsummarized)) return commitOnce(ports, { ...base, ...startAgain(base, planned) });
  }
}

function toSummary({ ids }: StepPorts, { claim, planned, summary }: Written, memory: StoredMemory): NewSummary {
  const { chunk } = planned;
  const { previous, entries, open_counts: openCounts } = memory;
  const applied = applySummary({ previous, entries, openCounts, chunk, summary, makeId: ids.uuid });
  return {
    id: ids.uuid(),
    base_version: previous?.version ?? 0,
    through_turn_index: chunk.throughTurnIndexAfter,
    made_at_turn_index: claim.plan.summary?.made_at_turn_index ?? chunk.throughTurnIndexAfter,
    cursor: chunk.cursorAfter,
    text: applied.text,
    items: applied.items,
    rendered: applied.rendered,
    ...quotedTokens(applied.rendered),
    is_fallback: summary.isFallback,
    open_counts: applied.openCounts,
    new_entries: applied.newEntries,
    changes: applied.statusChanges,
  };
}

function outcomeOf({ isLast, chunksBefore }: PlannedChunk, summary: NewSummary): StepOutcome {
  if (isLast) return endOf(summary);
  const checkpoint = writeCheckpoint({ chunks: chunksBefore + 1, graph: null });
  return { outcome: "continue", checkpoint, events: [toEvent(summary)], summary };
}

function endOf(summary: NewSummary | null): StepOutcome {
  const events = summary === null ? [] : [toEvent(summary)];
  const flags = summary?.is_fallback ? ["fallback"] : [];
  const nothing = { message: null, result: null, next: [], next_needs: [], after: null };
  return { outcome: "done", error: null, ...nothing, flags, events, summary };
}

function toEvent({ id, base_version, through_turn_index, is_fallback }: NewSummary) {
  const data = { summary_id: id, version: base_version + 1, through_turn_index, is_fallback };
  return { type: "summary.created", data };
}

/** Another summary reached further meanwhile: what this call was for is done, or is to be planned anew. */
function startAgain({ calls }: Base, { chunksBefore }: PlannedChunk) {
  const checkpoint = writeCheckpoint({ chunks: chunksBefore + 1, graph: null });
  const unpaid = calls.map((call) => ({ ...call, is_charged: false }));
  return { outcome: "continue", checkpoint, events: [], summary: null, calls: unpaid } as const;
}

function isSameReach({ previous: now }: StoredMemory, { previous: then }: StoredMemory): boolean {
  return (
    now?.through_turn_index === then?.through_turn_index && JSON.stringify(now?.cursor) === JSON.stringify(then?.cursor)
  );
}
