import { type SQL, sql } from "drizzle-orm";
import type { Page } from "../../contract/lists.ts";
import { RegisterEntry, SessionSummary } from "../../contract/memory.ts";
import { Message } from "../../contract/messages.ts";
import type { Caller } from "../../ports/caller.ts";
import type {
  EntryGround,
  MemoryStore,
  Pinning,
  RegisterQuery,
  SummariseGround,
  SummaryBeginning,
} from "../../ports/memory-store.ts";
import type { Database } from "./database.ts";
import {
  changePin,
  entryGroundRow,
  entryRow,
  entryRows,
  lockPins,
  ofRoom,
  ofSession,
  pinnedRow,
  roomExists,
  storeSummaryTurn,
  summariseGroundRow,
  summaryRow,
} from "./memory-queries.ts";
import { toPage } from "./rows.ts";
import { type SummaryRow, toSummary } from "./summary-rows.ts";
import { sessionExists } from "./turn-queries.ts";

export function createMemoryStore(database: Database): MemoryStore {
  const one = async <T>(caller: Caller, statement: SQL) =>
    answerAs<T>((await askAll(database, caller, [statement]))[0]);
  return {
    async findSummary(caller, sessionId, version) {
      const row = await one<SummaryRow>(caller, summaryRow(sessionId, version));
      return row === null ? null : SessionSummary.parse(toSummary(row));
    },
    listOfSession: (caller, id, query) =>
      toRegister(askAll(database, caller, [sessionExists(id), entryRows(ofSession(id), query)]), query),
    listOfRoom: (caller, id, query) =>
      toRegister(askAll(database, caller, [roomExists(id), entryRows(ofRoom(id), query)]), query),
    async loadEntry(caller, id) {
      const ground = await one<EntryGround>(caller, entryGroundRow(id));
      return ground === null ? null : { ...ground, entry: RegisterEntry.parse(ground.entry) };
    },
    async revise(caller, { sessionId, entryId, summary }) {
      const revision = sql`select pantheon_revise_summary(${sessionId}::uuid, ${JSON.stringify(summary)}::jsonb) as answer`;
      const [revised, entry] = await askAll(database, caller, [revision, entryRow(entryId)]);
      return revised === "written" ? { kind: "written", entry: RegisterEntry.parse(entry) } : { kind: "stale" };
    },
    async loadSummariseGround(caller, id) {
      const ground = await one<Loaded>(caller, summariseGroundRow(id));
      if (ground === null) return null;
      return { ...ground, summary: ground.summary && SessionSummary.parse(toSummary(ground.summary)) };
    },
    async beginSummary(caller, sessionId, turn, result) {
      const beginning = sql`select pantheon_begin_summary(${sessionId}::uuid, ${JSON.stringify(turn)}::jsonb) as answer`;
      const [begun] = await askAll(database, caller, [beginning, storeSummaryTurn(turn.id, result)]);
      return toBeginning(answerAs(begun));
    },
    async pin(caller, id, change) {
      const [, , pinned] = await askAll(database, caller, [lockPins(id), changePin(id, change), pinnedRow(id)]);
      return toPinning(answerAs(pinned), change.isPinned);
    },
  };
}

type Loaded = Omit<SummariseGround, "summary"> & { readonly summary: SummaryRow | null };

type Begun =
  | Exclude<SummaryBeginning, { readonly kind: "busy" | "missing" }>
  | { readonly kind: "busy"; readonly turn_id: string | null };

interface PinnedRow {
  readonly message: { readonly is_pinned: boolean };
  readonly is_in_history: boolean;
}

// Without a turn in its way it found no session to begin in.
function toBeginning(begun: Begun | null): SummaryBeginning {
  if (begun === null) return { kind: "missing" };
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
    rows as readonly unknown[],
    limit,
    (row) => RegisterEntry.parse(row),
    (entry) => entry.id,
  );
}

async function askAll(database: Database, caller: Caller, statements: readonly SQL[]): Promise<readonly unknown[]> {
  const results = await database.asCaller(
    caller,
    statements.map((statement) => database.query.execute<{ readonly answer: unknown }>(statement)),
  );
  return results.map(({ rows }) => rows[0]?.answer ?? null);
}

// The statement that was asked makes exactly this shape.
function answerAs<T>(answer: unknown): T | null {
  return answer as T | null;
}
