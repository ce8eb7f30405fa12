import { type SQL, sql } from "drizzle-orm";
import { ContextAudit } from "../../contract/context-audits.ts";
import type { TurnId } from "../../contract/ids.ts";
import { Message } from "../../contract/messages.ts";
import { TurnEvent } from "../../contract/turn-events.ts";
import { Turn, TurnSummary } from "../../contract/turns.ts";
import type { Caller } from "../../ports/caller.ts";
import type { StoredResult } from "../../ports/idempotency.ts";
import type {
  CallDecision,
  Letter,
  NewTurn,
  QuoteGround,
  TurnCreation,
  TurnDecision,
  TurnGround,
  TurnResume,
  TurnStore,
} from "../../ports/turns.ts";
import { contextRows } from "./context-rows.ts";
import type { Database } from "./database.ts";
import { type ResultRow, toResultRow } from "./idempotency-store.ts";
import { toPage } from "./rows.ts";
import {
  eventRows,
  groundRow,
  messageRows,
  quoteGroundRow,
  sessionExists,
  summaryRows,
  turnExists,
  turnIsOver,
  turnRow,
} from "./turn-queries.ts";
import { type TurnRow, toTurn } from "./turn-rows.ts";

/** A turn with what is stored of it for replays. */
export interface NewTurnRow extends NewTurn {
  readonly result: ResultRow | null;
}

type Answer<T> = { readonly answer: T };

export function createTurnStore(database: Database): TurnStore {
  const ask = <T>(caller: Caller, statement: SQL) => askOne<T>(database, caller, statement);
  return {
    loadGround: (caller, sessionId, recentTurns) => ask<TurnGround>(caller, groundRow(sessionId, recentTurns)),
    loadQuoteGround: (caller, sessionId, recentTurns) =>
      ask<QuoteGround>(caller, quoteGroundRow(sessionId, recentTurns)),
    create: async (caller, turn, result) => (await ask<TurnCreation>(caller, creation(turn, result))) ?? missing,
    async find(caller, id) {
      const row = await ask<TurnRow>(caller, turnRow(id));
      return row === null ? null : Turn.parse(toTurn(row));
    },
    async cancel(caller, id) {
      const [before, letters] = await askAll(database, caller, [
        sql`select pantheon_cancel_turn(${id}::uuid, true) as answer`,
        sql`select pantheon_posted_here() as answer`,
      ]);
      if (before === null) return { kind: "missing" };
      return isOpen(before) ? { kind: "cancelled", letters: letters as readonly Letter[] } : { kind: "over" };
    },
    decide: async (caller, id, decisions) => (await ask<TurnDecision>(caller, decision(id, decisions))) ?? missing,
    resume: async (caller, id, budgetUnits) => (await ask<TurnResume>(caller, resumption(id, budgetUnits))) ?? missing,
    async list(caller, sessionId, query) {
      const [exists, rows] = await askAll(database, caller, [sessionExists(sessionId), summaryRows(sessionId, query)]);
      if (exists === null) return null;
      return toPage(
        rows as readonly unknown[],
        query.limit,
        (row) => TurnSummary.parse(row),
        (turn) => String(turn.turn_index),
      );
    },
    async messages(caller, sessionId, query) {
      const [exists, rows] = await askAll(database, caller, [sessionExists(sessionId), messageRows(sessionId, query)]);
      if (exists === null) return null;
      return toPage(
        rows as readonly unknown[],
        query.limit,
        (row) => Message.parse(row),
        (message) => `${message.turn_index}.${message.position}`,
      );
    },
    async events(caller, id, query) {
      const [isOver, rows] = await askAll(database, caller, [turnIsOver(id), eventRows(id, query)]);
      if (isOver === null) return null;
      return { isOver: isOver === true, events: (rows as readonly unknown[]).map((row) => TurnEvent.parse(row)) };
    },
    async context(caller, id) {
      const [exists, rows] = await askAll(database, caller, [turnExists(id), contextRows(id)]);
      return exists === null ? null : (rows as readonly unknown[]).map((row) => ContextAudit.parse(row));
    },
  };
}

const missing = { kind: "missing" } as const;

function creation(turn: NewTurn, result: StoredResult | null): SQL {
  const row: NewTurnRow = { ...turn, result: result && toResultRow(result) };
  return sql`select pantheon_create_turn(${JSON.stringify(row)}::jsonb) as answer`;
}

const decision = (id: TurnId, decisions: readonly CallDecision[]) =>
  sql`select pantheon_decide(${id}::uuid, ${JSON.stringify(decisions)}::jsonb) as answer`;

const resumption = (id: TurnId, budgetUnits: bigint | null) =>
  sql`select pantheon_resume_turn(${id}::uuid, ${budgetUnits?.toString() ?? null}::bigint) as answer`;

function isOpen(status: unknown): boolean {
  return status === "queued" || status === "running" || status === "paused";
}

async function askOne<T>(database: Database, caller: Caller, statement: SQL): Promise<T | null> {
  const [{ rows }] = await database.asCaller(caller, [database.query.execute<Answer<T>>(statement)]);
  return rows[0]?.answer ?? null;
}

async function askAll(database: Database, caller: Caller, statements: readonly SQL[]): Promise<readonly unknown[]> {
  const results = await database.asCaller(
    caller,
    statements.map((statement) => database.query.execute<Answer<unknown>>(statement)),
  );
  return results.map(({ rows }) => rows[0]?.answer ?? null);
}
