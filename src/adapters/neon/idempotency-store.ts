import { eq, type SQL, sql } from "drizzle-orm";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyStore, StoredReply, StoredResult } from "../../ports/idempotency.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { toInstant } from "./rows.ts";
import { idempotencyKeys } from "./schema/identity.ts";

type Row = typeof idempotencyKeys.$inferSelect;

export function createIdempotencyStore(database: Database): IdempotencyStore {
  const find = async (caller: Caller, key: string) => {
    const lookUp = database.query.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, key)).limit(1);
    const [rows] = await database.asCaller(caller, [lookUp]);
    return rows[0];
  };
  return {
    async find(caller, key) {
      const row = await find(caller, key);
      return row === undefined ? null : toReply(row);
    },
    async findResult(caller, key) {
      const row = await find(caller, key);
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

function toResult({ key, fingerprint, body, expiresAt }: Row): StoredResult {
  const { operation, value } = JSON.parse(body) as Pick<StoredResult, "operation" | "value">;
  return { key, fingerprint, operation, value, expiresAt: toInstant(expiresAt) };
}

function toReply(row: Row): StoredReply {
  const { key, fingerprint, status, body, expiresAt } = row;
  return {
    key,
    fingerprint,
    status,
    headers: row.headers as Record<string, string>,
    body,
    expiresAt: toInstant(expiresAt),
  };
}
