import { and, desc, eq, lt } from "drizzle-orm";
import { WebhookAttempt, WebhookDelivery, WebhookDeliveryLog } from "../../contract/webhooks.ts";
import type { WebhookStore } from "../../ports/webhooks.ts";
import type { Database } from "./database.ts";
import { toInstant, toInstantOrNull, toPage } from "./rows.ts";
import { webhookAttempts, webhookDeliveries } from "./schema/webhooks.ts";

type DeliveryRow = typeof webhookDeliveries.$inferSelect;
type AttemptRow = typeof webhookAttempts.$inferSelect;

const longestLog = 100;

export async function listDeliveries(
  { query, asCaller }: Database,
  ...[caller, { limit, cursor, endpoint_id, status }]: Parameters<WebhookStore["listDeliveries"]>
): ReturnType<WebhookStore["listDeliveries"]> {
  const isWanted = and(
    cursor === undefined ? undefined : lt(webhookDeliveries.id, cursor),
    endpoint_id === undefined ? undefined : eq(webhookDeliveries.endpointId, endpoint_id),
    status === undefined ? undefined : eq(webhookDeliveries.status, status),
  );
  const select = query
    .select({ delivery: webhookDeliveries, last: webhookAttempts })
    .from(webhookDeliveries)
    .leftJoin(
      webhookAttempts,
      and(eq(webhookAttempts.deliveryId, webhookDeliveries.id), eq(webhookAttempts.number, webhookDeliveries.attempts)),
    )
    .where(isWanted)
    .orderBy(desc(webhookDeliveries.id))
    .limit(limit + 1);
  const [rows] = await asCaller(caller, [select]);
  const toItem = (row: (typeof rows)[number]) => toDelivery(row.delivery, row.last);
  return toPage(rows, limit, toItem, (delivery) => delivery.id);
}

export async function findDelivery(
  { query, asCaller }: Database,
  ...[caller, id]: Parameters<WebhookStore["findDelivery"]>
): ReturnType<WebhookStore["findDelivery"]> {
  const [[delivery], attempts] = await asCaller(caller, [
    query.select().from(webhookDeliveries).where(eq(webhookDeliveries.id, id)),
    query
      .select()
      .from(webhookAttempts)
      .where(eq(webhookAttempts.deliveryId, id))
      .orderBy(desc(webhookAttempts.number))
      .limit(longestLog),
  ]);
  if (delivery === undefined) return null;
  const log = { ...toDelivery(delivery, attempts[0] ?? null), attempts: attempts.toReversed().map(toAttempt) };
  return WebhookDeliveryLog.parse(log);
}

function toDelivery(row: DeliveryRow, last: AttemptRow | null): WebhookDelivery {
  return WebhookDelivery.parse({
    id: row.id,
    endpoint_id: row.endpointId,
    type: row.type,
    turn_id: row.turnId,
    seq: row.seq,
    status: row.status,
    attempt_count: row.attempts,
    last_attempt: last === null ? null : toAttempt(last),
    next_attempt_at: toInstantOrNull(row.nextAt),
    created_at: toInstant(row.createdAt),
    finished_at: toInstantOrNull(row.finishedAt),
  });
}

function toAttempt(row: AttemptRow): WebhookAttempt {
  return WebhookAttempt.parse({
    number: row.number,
    outcome: row.outcome,
    response_status: row.responseStatus,
    latency_ms: row.latencyMs,
    response_excerpt: row.excerpt,
    reason: row.reason,
    created_at: toInstant(row.createdAt),
  });
}
