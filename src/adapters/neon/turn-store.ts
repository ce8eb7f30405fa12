import { type SQL, sql } from "drizzle-orm";
import { ContextAudit } from "../../contract/context-audits.ts";
import type { TurnId } from "../../contract/ids.ts";
import { Message } from "../../contract/messages.ts";
import { TurnEvent } from "../../contract/turn-events.ts";
import { Turn, TurnSummary } from "../../contract/turns.ts";
import type { StoredResult } from "../../ports/idempotency.ts";
import type { CallDecision, NewTurn, TurnStore } from "../../ports/turns.ts";
import { pageAnswer, parseAnswer } from "./answers/parse-answer.ts";
import {
  cancelAnswer,
  creationAnswer,
  decisionAnswer,
  quoteSnapshotAnswer,
  resumeAnswer,
  snapshotAnswer,
  turnAnswer,
} from "./answers/turn-answers.ts";
import { askAll, askCaller } from "./ask.ts";
import { contextRows } from "./context-rows.ts";
import type { Database } from "./database.ts";
import { type ResultRow, toResultRow } from "./idempotency-store.ts";
import { toPage } from "./rows.ts";
import {
  eventRows,
  messageRows,
  quoteSnapshotRow,
  sessionExists,
  snapshotRow,
  summaryRows,
  turnExists,
  turnIsOver,
  turnRow,
} from "./turn-queries.ts";
import { toTurn } from "./turn-rows.ts";

/** A turn with what is stored of it for replays. */
export interface NewTurnRow extends NewTurn {
  readonly result: ResultRow | null;
}

export function createTurnStore(database: Database): TurnStore {
  return {
    loadSnapshot: (caller, sessionId, recentTurns) =>
      askCaller(database, caller, snapshotRow(sessionId, recentTurns), snapshotAnswer),
    loadQuoteSnapshot: (caller, sessionId, recentTurns) =>
      askCaller(database, caller, quoteSnapshotRow(sessionId, recentTurns), quoteSnapshotAnswer),
    create: (caller, turn, result) => askCaller(database, caller, creation(turn, result), creationAnswer),
    async find(caller, id) {
      const row = await askCaller(database, caller, turnRow(id), turnAnswer);
      return row === null ? null : Turn.parse(toTurn(row));
    },
    async cancel(caller, id) {
      const [before, outbox] = await askAll(database, caller, [
        sql`select pantheon_cancel_turn(${id}::uuid, true) as answer`,
        sql`select pantheon_outbox_of_transaction() as answer`,
      ]);
      if (before === null) return { kind: "missing" };
      return isOpen(before) ? { kind: "cancelled", outbox: parseAnswer(cancelAnswer, outbox) } : { kind: "over" };
    },
    decide: (caller, id, decisions) => askCaller(database, caller, decision(id, decisions), decisionAnswer),
    resume: (caller, id, budgetUnits) => askCaller(database, caller, resumption(id, budgetUnits), resumeAnswer),
    async list(caller, sessionId, query) {
      const [exists, rows] = await askAll(database, caller, [sessionExists(sessionId), summaryRows(sessionId, query)]);
      if (exists === null) return null;
      return toPage(
        parseAnswer(pageAnswer, rows),
        query.limit,
        (row) => TurnSummary.parse(row),
        (turn) => String(turn.turn_index),
      );
    },
    async messages(caller, sessionId, query) {
      const [exists, rows] = await askAll(database, caller, [sessionExists(sessionId), messageRows(sessionId, query)]);
      if (exists === null) return null;
      return toPage(
        parseAnswer(pageAnswer, rows),
        query.limit,
        (row) => Message.parse(row),
        (message) => `${message.turn_index}.${message.position}`,
      );
    },
    async events(caller, id, query) {
      const [isOver, rows] = await askAll(database, caller, [turnIsOver(id), eventRows(id, query)]);
      if (isOver === null) return null;
      return { isOver: isOver === true, events: parseAnswer(pageAnswer, rows).map((row) => TurnEvent.parse(row)) };
    },
    async context(caller, id) {
      const [exists, rows] = await askAll(database, caller, [turnExists(id), contextRows(id)]);
      return exists === null ? null : parseAnswer(pageAnswer, rows).map((row) => ContextAudit.parse(row));
    },
  };
}

function creation(turn: NewTurn, result: StoredResult | null): SQL {
  const row: NewTurnRow = { ...turn, result: result && toResultRow(result) };
  return sql`select pantheon_create_turn(${JSON.stringify(row)}::jsonb) as answer`;
}

const decision = (id: TurnId, decisions: readonly CallDecision[]) =>
  sql`select pantheon_decide_tool_calls(${id}::uuid, ${JSON.stringify(decisions)}::jsonb) as answer`;

const resumption = (id: TurnId, budgetUnits: bigint | null) =>
  sql`select pantheon_resume_turn(${id}::uuid, ${budgetUnits?.toString() ?? null}::bigint) as answer`;

function isOpen(status: unknown): boolean {
  return status === "queued" || status === "running" || status === "paused";
}
