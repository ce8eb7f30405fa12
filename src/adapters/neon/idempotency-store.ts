import { eq, type SQL, sql } from "drizzle-orm";
import type { IdempotencyStore, StoredResult } from "../../ports/idempotency.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { toInstant } from "./rows.ts";
import { idempotencyKeys } from "./schema/identity.ts";

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

/**
 * The statement that stores a result, in the batch of its effect and only if that took place. A second one with the
 * same key aborts its whole batch.
 */
export function storeResult(query: Drizzle, result: StoredResult | null, tookPlace: SQL = sql`true`) {
  if (result === null) return query.execute(sql`select 1`);
  const { key, fingerprint, operation, value, expiresAt } = result;
  const body = JSON.stringify({ operation, value });
  return query.execute(sql`
    insert into idempotency_keys (owner_id, key, fingerprint, status, headers, body, expires_at)
    select ${currentUser}, ${key}, ${fingerprint}, 0, '{}', ${body}, ${expiresAt}::timestamptz where ${tookPlace}`);
}

/** As it is written where the turn itself is: the index stands before the turn until it is read. */
export function toTurnReply({ key, fingerprint, operation, value, expiresAt }: StoredResult) {
  return {
    key,
    fingerprint,
    status: 0,
    headers: {},
    expires_at: expiresAt,
    body_before_index: '{"turn_index":',
    body_after_index: `,${JSON.stringify({ operation, value }).slice(1)}`,
  };
}

type Body = Pick<StoredResult, "operation"> & { readonly value: object; readonly turn_index?: number };

function toResult({ key, fingerprint, body, expiresAt }: Row): StoredResult {
  const { operation, value, turn_index } = JSON.parse(body) as Body;
  const filled = turn_index === undefined ? value : { ...value, turn_index };
  return { key, fingerprint, operation, value: filled, expiresAt: toInstant(expiresAt) };
}
