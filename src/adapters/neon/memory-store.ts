import { sql } from "drizzle-orm";
import type { Page } from "../../contract/lists.ts";
import { RegisterEntry, SessionSummary } from "../../contract/memory.ts";
import { Message } from "../../contract/messages.ts";
import type { MemoryStore, Pinning, RegisterQuery, SummaryBeginning } from "../../ports/memory-store.ts";
import {
  type Begun,
  beginningAnswer,
  entryGroundAnswer,
  type PinnedRow,
  pinnedAnswer,
  summarizeGroundAnswer,
  summaryAnswer,
} from "./answers/memory-answers.ts";
import { pageAnswer, parseAnswer } from "./answers/parse-answer.ts";
import { askAll, askCaller } from "./ask.ts";
import type { Database } from "./database.ts";
import {
  changePin,
  entryRow,
  entryRows,
  entrySnapshotRow,
  lockPins,
  ofRoom,
  ofSession,
  pinnedRow,
  roomExists,
  storeSummaryTurn,
  summarizeSnapshotRow,
  summaryRow,
} from "./memory-queries.ts";
import { toPage } from "./rows.ts";
import { toSummary } from "./summary-rows.ts";
import { sessionExists } from "./turn-queries.ts";

export function createMemoryStore(database: Database): MemoryStore {
  return {
    async findSummary(caller, sessionId, version) {
      const row = await askCaller(database, caller, summaryRow(sessionId, version), summaryAnswer);
      return row === null ? null : SessionSummary.parse(toSummary(row));
    },
    listOfSession: (caller, id, query) =>
      toRegister(askAll(database, caller, [sessionExists(id), entryRows(ofSession(id), query)]), query),
    listOfRoom: (caller, id, query) =>
      toRegister(askAll(database, caller, [roomExists(id), entryRows(ofRoom(id), query)]), query),
    async loadEntry(caller, id) {
      const snapshot = await askCaller(database, caller, entrySnapshotRow(id), entryGroundAnswer);
      return snapshot === null ? null : { ...snapshot, entry: RegisterEntry.parse(snapshot.entry) };
    },
    async revise(caller, { sessionId, entryId, summary }) {
      const revision = sql`select pantheon_revise_summary(${sessionId}::uuid, ${JSON.stringify(summary)}::jsonb) as answer`;
      const [revised, entry] = await askAll(database, caller, [revision, entryRow(entryId)]);
      return revised === "written" ? { kind: "written", entry: RegisterEntry.parse(entry) } : { kind: "stale" };
    },
    async loadSummarizeSnapshot(caller, id) {
      const snapshot = await askCaller(database, caller, summarizeSnapshotRow(id), summarizeGroundAnswer);
      if (snapshot === null) return null;
      return { ...snapshot, summary: snapshot.summary && SessionSummary.parse(toSummary(snapshot.summary)) };
    },
    async beginSummary(caller, sessionId, turn, result) {
      const beginning = sql`select pantheon_begin_summary(${sessionId}::uuid, ${JSON.stringify(turn)}::jsonb) as answer`;
      const [begun] = await askAll(database, caller, [beginning, storeSummaryTurn(turn.id, result)]);
      return toBeginning(parseAnswer(beginningAnswer, begun));
    },
    async pin(caller, id, change) {
      const [, , pinned] = await askAll(database, caller, [lockPins(id), changePin(id, change), pinnedRow(id)]);
      return toPinning(parseAnswer(pinnedAnswer, pinned), change.isPinned);
    },
  };
}

function toBeginning(begun: Begun): SummaryBeginning {
  if (begun.kind !== "busy") return begun;
  return begun.turn_id === null ? { kind: "missing" } : { kind: "busy", turn_id: begun.turn_id };
}

function toPinning(row: PinnedRow | null, isWanted: boolean): Pinning {
  if (row === null) return { kind: "missing" };
  if (row.message.is_pinned === isWanted) return { kind: "done", message: Message.parse(row.message) };
  return { kind: row.is_in_history ? "too_many" : "unheard" };
}

async function toRegister(
  asked: Promise<readonly unknown[]>,
  { limit }: RegisterQuery,
): Promise<Page<RegisterEntry> | null> {
  const [exists, rows] = await asked;
  if (exists === null) return null;
  return toPage(
    parseAnswer(pageAnswer, rows),
    limit,
    (row) => RegisterEntry.parse(row),
    (entry) => entry.id,
  );
}
