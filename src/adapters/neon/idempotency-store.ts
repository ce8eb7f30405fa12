import { eq, type SQL, sql } from "drizzle-orm";
import type { IdempotencyStore, Operation, StoredResult } from "../../ports/idempotency.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { type Of, object, oneKeyOf, record } from "./answers/shape.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { toInstant } from "./rows.ts";
import { idempotencyKeys } from "./schema/identity.ts";

const operations = oneKeyOf<Operation>({
  add_pricing_version: true,
  create_agent: true,
  create_api_key: true,
  create_grant: true,
  create_room: true,
  create_session: true,
  create_tool_server: true,
  create_turn: true,
  create_webhook_endpoint: true,
  rotate_webhook_secret: true,
  summarise_session: true,
});
const stored = object({ operation: operations, value: record });
const storedAnswer: Answer<Of<typeof stored>> = { from: "a stored result", shape: stored };

type Row = typeof idempotencyKeys.$inferSelect;

export function createIdempotencyStore(database: Database): IdempotencyStore {
  return {
    async find(caller, key) {
      const lookUp = database.query.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, key)).limit(1);
      const [rows] = await database.asCaller(caller, [lookUp]);
      const row = rows[0];
      return row === undefined ? null : toResult(row);
    },
  };
}

/** A result as its row holds it. */
export interface ResultRow extends Pick<StoredResult, "key" | "fingerprint" | "operation"> {
  readonly value: string;
  readonly expires_at: string;
}

export function toResultRow({ key, fingerprint, operation, value, expiresAt }: StoredResult): ResultRow {
  return { key, fingerprint, operation, value: JSON.stringify(value), expires_at: expiresAt };
}

/**
 * The statement that stores a result, in the batch of its effect and only if that took place. A second one with the
 * same key aborts its whole batch.
 */
export function storeResult(query: Drizzle, result: StoredResult | null, tookPlace: SQL = sql`true`) {
  if (result === null) return query.execute(sql`select 1`);
  const row = toResultRow(result);
  return query.execute(sql`
    insert into idempotency_keys (owner_id, key, fingerprint, operation, value, expires_at)
    select ${currentUser}, ${row.key}, ${row.fingerprint}, ${row.operation}, ${row.value}::json, ${row.expires_at}::timestamptz
    where ${tookPlace}`);
}

/** A row was written from a `StoredResult`, so its operation is one and a turn's value is an object. */
function toResult({ key, fingerprint, operation, value, turnIndex, expiresAt }: Row): StoredResult {
  const made = parseAnswer(storedAnswer, { operation, value });
  const filled = turnIndex === null ? made.value : { ...made.value, turn_index: turnIndex };
  return { key, fingerprint, operation: made.operation, value: filled, expiresAt: toInstant(expiresAt) };
}
