import { eq, type SQL, sql } from "drizzle-orm";
import type { IdempotencyStore, StoredReply } from "../../ports/idempotency.ts";
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
      return row === undefined ? null : toReply(row);
    },
  };
}

/**
 * The statement that keeps an answer, in the batch of its effect and only if that took place. A second one with the
 * same key aborts its whole batch.
 */
export function keepReply(query: Drizzle, reply: StoredReply | null, tookPlace: SQL = sql`true`) {
  if (reply === null) return query.execute(sql`select 1`);
  const { key, fingerprint, status, headers, body, expiresAt } = reply;
  return query.execute(sql`
    insert into idempotency_keys (owner_id, key, fingerprint, status, headers, body, expires_at)
    select ${currentUser}, ${key}, ${fingerprint}, ${status}::int, ${JSON.stringify(headers)}::jsonb, ${body}, ${expiresAt}::timestamptz
    where ${tookPlace}`);
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
