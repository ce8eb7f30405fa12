import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { UpdateWebhookEndpoint } from "../../contract/webhooks.ts";
import { WebhookEndpoint } from "../../contract/webhooks.ts";
import type { NewWebhookEndpoint, WebhookStore } from "../../ports/webhooks.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { toInstant, toInstantOrNull, toPage } from "./rows.ts";
import { webhookDeliveries, webhookEndpoints } from "./schema/webhooks.ts";
import { findDelivery, listDeliveries } from "./webhook-deliveries.ts";

const isLive = isNull(webhookEndpoints.deletedAt);
const isEndpoint = (id: string) => and(eq(webhookEndpoints.id, id), isLive);

/** All that a user's role may read: the secrets are not among it. */
const shown = {
  id: webhookEndpoints.id,
  url: webhookEndpoints.url,
  events: webhookEndpoints.events,
  description: webhookEndpoints.description,
  status: webhookEndpoints.status,
  disabledReason: webhookEndpoints.disabledReason,
  failingSince: webhookEndpoints.failingSince,
  previousSecretExpiresAt: webhookEndpoints.previousSecretExpiresAt,
  createdAt: webhookEndpoints.createdAt,
  updatedAt: webhookEndpoints.updatedAt,
};
type Row = Pick<typeof webhookEndpoints.$inferSelect, keyof typeof shown>;

export function createWebhookStore(database: Database): WebhookStore {
  const { query } = database;
  return {
    async create(caller, created, result) {
      const isMade = sql`exists (select 1 from webhook_endpoints w where w.id = ${created.endpoint.id})`;
      const [, inserted] = await database.asCaller(caller, [
        // One at a time for each user, so that the count in the next statement is fresh.
        query.execute(sql`select pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || ${currentUser}, 0))`),
        insertUnlessTooMany(query, created),
        storeResult(query, result, isMade),
      ]);
      return inserted.rows.length > 0 ? "created" : "too_many";
    },
    async list(caller, { limit, cursor }) {
      const after = cursor === undefined ? undefined : lt(webhookEndpoints.id, cursor);
      const select = query
        .select(shown)
        .from(webhookEndpoints)
        .where(and(isLive, after))
        .orderBy(desc(webhookEndpoints.id))
        .limit(limit + 1);
      const [rows] = await database.asCaller(caller, [select]);
      return toPage(rows, limit, toEndpoint, (endpoint) => endpoint.id);
    },
    async find(caller, id) {
      const [rows] = await database.asCaller(caller, [
        query.select(shown).from(webhookEndpoints).where(isEndpoint(id)),
      ]);
      return rows[0] === undefined ? null : toEndpoint(rows[0]);
    },
    async update(caller, id, change) {
      const [rows] = await database.asCaller(caller, [
        query.update(webhookEndpoints).set(toChanges(change)).where(isEndpoint(id)).returning(shown),
      ]);
      return rows[0] === undefined ? null : toEndpoint(rows[0]);
    },
    async rotate(caller, { id, secret, previousExpiresAt }, result) {
      const isThere = sql`exists (select 1 from webhook_endpoints w where w.id = ${id} and w.deleted_at is null)`;
      const [rotated] = await database.asCaller(caller, [
        query
          .update(webhookEndpoints)
          .set({ secret, previousSecretExpiresAt: previousExpiresAt })
          .where(isEndpoint(id))
          .returning({ id: webhookEndpoints.id }),
        storeResult(query, result, isThere),
      ]);
      return rotated.length > 0;
    },
    remove: (...removal) => removeEndpoint(database, ...removal),
    listDeliveries: (...list) => listDeliveries(database, ...list),
    findDelivery: (...find) => findDelivery(database, ...find),
  };
}

function insertUnlessTooMany(query: Drizzle, { endpoint, secret, maxEndpoints }: NewWebhookEndpoint) {
  const { id, url, events, description, created_at, updated_at } = endpoint;
  return query.execute(sql`
    insert into webhook_endpoints (id, owner_id, url, events, description, secret, created_at, updated_at)
    select ${id}::uuid, ${currentUser}, ${url}, array(select jsonb_array_elements_text(${JSON.stringify(events)}::jsonb)),
      ${description}, ${secret}, ${created_at}::timestamptz, ${updated_at}::timestamptz
    where (select count(*) from webhook_endpoints w where w.deleted_at is null) < ${maxEndpoints}::int
    returning id`);
}

async function removeEndpoint(
  { query, asCaller }: Database,
  ...[caller, id]: Parameters<WebhookStore["remove"]>
): Promise<boolean> {
  const now = sql`pantheon_now()`;
  const isGone = sql`exists (select 1 from webhook_endpoints w where w.id = ${id} and w.deleted_at is not null)`;
  const [removed] = await asCaller(caller, [
    query
      .update(webhookEndpoints)
      .set({ deletedAt: now, secret: null })
      .where(isEndpoint(id))
      .returning({ id: webhookEndpoints.id }),
    query
      .update(webhookDeliveries)
      .set({ status: "failed", nextAt: null, finishedAt: now })
      .where(and(eq(webhookDeliveries.endpointId, id), eq(webhookDeliveries.status, "pending"), isGone)),
  ]);
  return removed.length > 0;
}

function toChanges({ status, events, url, description }: UpdateWebhookEndpoint) {
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(events === undefined ? {} : { events: [...events] }),
    ...(status === "active" ? { status, disabledReason: null, failingSince: null } : {}),
    ...(status === "disabled"
      ? { status, disabledReason: sql`coalesce(${webhookEndpoints.disabledReason}, 'user')` }
      : {}),
  };
}

function toEndpoint(row: Row): WebhookEndpoint {
  return WebhookEndpoint.parse({
    id: row.id,
    url: row.url,
    events: row.events,
    description: row.description,
    status: row.status,
    disabled_reason: row.disabledReason,
    failing_since: toInstantOrNull(row.failingSince),
    previous_secret_expires_at: toInstantOrNull(row.previousSecretExpiresAt),
    created_at: toInstant(row.createdAt),
    updated_at: toInstant(row.updatedAt),
  });
}
