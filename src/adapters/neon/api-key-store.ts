import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { type ApiKey, Scope } from "../../contract/api-keys.ts";
import { ApiKeyId } from "../../contract/ids.ts";
import type { ApiKeyStore } from "../../ports/api-keys.ts";
import { currentUser, type Database } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { toInstant, toInstantOrNull, toPage } from "./rows.ts";
import { apiKeys } from "./schema/identity.ts";

type Row = typeof apiKeys.$inferSelect;

export function createApiKeyStore(database: Database): ApiKeyStore {
  const { query } = database;
  return {
    async create(caller, { key, short, secretHash }, result) {
      const insert = query.insert(apiKeys).values({
        id: key.id,
        ownerId: currentUser,
        name: key.name,
        short,
        secretHash,
        scopes: [...key.scopes],
        expiresAt: key.expires_at,
        createdAt: key.created_at,
      });
      await database.asCaller(caller, [insert, storeResult(query, result)]);
    },
    async list(caller, { limit, cursor }) {
      const after = cursor === undefined ? undefined : lt(apiKeys.id, cursor);
      const select = query
        .select()
        .from(apiKeys)
        .where(after)
        .orderBy(desc(apiKeys.id))
        .limit(limit + 1);
      const [rows] = await database.asCaller(caller, [select]);
      return toPage(rows, limit, toApiKey, (key) => key.id);
    },
    async revoke(caller, id) {
      const revoke = query
        .update(apiKeys)
        .set({ revokedAt: sql`pantheon_now()` })
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
        .returning({ id: apiKeys.id });
      const [revoked] = await database.asCaller(caller, [revoke]);
      return revoked.length > 0;
    },
  };
}

function toApiKey(row: Row): ApiKey {
  return {
    id: ApiKeyId.parse(row.id),
    name: row.name,
    prefix: `pan_live_${row.short}`,
    scopes: row.scopes.map((scope) => Scope.parse(scope)),
    expires_at: toInstantOrNull(row.expiresAt),
    revoked_at: toInstantOrNull(row.revokedAt),
    created_at: toInstant(row.createdAt),
  };
}
