import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, deletedAt, instant, ownerId, updatedAt } from "./columns.ts";
import { users } from "./identity.ts";
import { turns } from "./turns.ts";

export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId().references(() => users.id),
    url: text("url").notNull(),
    /** Empty: every event. */
    events: text("events").array().notNull(),
    description: text("description").notNull(),
    /** Written by users' requests and read by the system alone; it goes with the endpoint. */
    secret: text("secret"),
    /** What `secret` was before the last rotation; a trigger keeps it. */
    previousSecret: text("previous_secret"),
    previousSecretExpiresAt: instant("previous_secret_expires_at"),
    status: text("status").notNull().default("active"),
    disabledReason: text("disabled_reason"),
    /** Since when no attempt has succeeded. */
    failingSince: instant("failing_since"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: deletedAt(),
  },
  (table) => [
    unique("webhook_endpoints_id_owner_unique").on(table.id, table.ownerId),
    index("webhook_endpoints_owner_live").on(table.ownerId, table.id).where(sql`deleted_at is null`),
    check("webhook_endpoints_status_known", sql`${table.status} in ('active', 'disabled')`),
    check(
      "webhook_endpoints_disabled_for_a_reason",
      sql`(${table.status} = 'disabled') = (${table.disabledReason} is not null)`,
    ),
    check("webhook_endpoints_reason_known", sql`${table.disabledReason} in ('user', 'gone', 'failing')`),
    check("webhook_endpoints_live_can_sign", sql`(${table.deletedAt} is null) = (${table.secret} is not null)`),
  ],
);

/** One event for one endpoint; its id is the `webhook-id` of every attempt. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    endpointId: uuid("endpoint_id").notNull(),
    /** The line of the turn's log that is told; null for what belongs to no turn. */
    turnId: uuid("turn_id"),
    seq: integer("seq"),
    type: text("type").notNull(),
    /** What is told where no log holds it. */
    data: jsonb("data"),
    status: text("status").notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** Those before it was last asked for again: the schedule begins anew then. */
    earlierAttempts: integer("earlier_attempts").notNull().default(0),
    /** A turn's own callback; null for the endpoint's address. */
    url: text("url"),
    nextAt: instant("next_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    finishedAt: instant("finished_at"),
  },
  (table) => [
    unique("webhook_deliveries_id_owner_unique").on(table.id, table.ownerId),
    uniqueIndex("webhook_deliveries_once").on(table.endpointId, table.turnId, table.seq).where(sql`url is null`),
    uniqueIndex("webhook_callbacks_once").on(table.turnId, table.seq).where(sql`url is not null`),
    index("webhook_deliveries_owner").on(table.ownerId, table.id),
    index("webhook_deliveries_endpoint").on(table.endpointId, table.id),
    index("webhook_deliveries_turn").on(table.turnId),
    index("webhook_deliveries_due").on(table.nextAt).where(sql`status = 'pending'`),
    foreignKey({
      name: "webhook_deliveries_endpoint_owner",
      columns: [table.endpointId, table.ownerId],
      foreignColumns: [webhookEndpoints.id, webhookEndpoints.ownerId],
    }),
    foreignKey({
      name: "webhook_deliveries_turn_owner",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check("webhook_deliveries_status_known", sql`${table.status} in ('pending', 'succeeded', 'failed')`),
    check("webhook_deliveries_pending_is_due", sql`(${table.status} = 'pending') = (${table.nextAt} is not null)`),
    check("webhook_deliveries_over_at_a_time", sql`(${table.status} = 'pending') = (${table.finishedAt} is null)`),
    check("webhook_deliveries_of_a_line", sql`(${table.turnId} is null) = (${table.seq} is null)`),
    check("webhook_deliveries_have_data", sql`(${table.turnId} is null) = (${table.data} is not null)`),
  ],
);

/** One request to an endpoint, or why there was none. */
export const webhookAttempts = pgTable(
  "webhook_attempts",
  {
    deliveryId: uuid("delivery_id").notNull(),
    number: integer("number").notNull(),
    ownerId: ownerId(),
    outcome: text("outcome").notNull(),
    responseStatus: integer("response_status"),
    latencyMs: integer("latency_ms"),
    /** The first KB of the answer. */
    excerpt: text("excerpt"),
    reason: text("reason"),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ name: "webhook_attempts_pkey", columns: [table.deliveryId, table.number] }),
    foreignKey({
      name: "webhook_attempts_delivery_owner",
      columns: [table.deliveryId, table.ownerId],
      foreignColumns: [webhookDeliveries.id, webhookDeliveries.ownerId],
    }),
    check("webhook_attempts_outcome_known", sql`${table.outcome} in ('answered', 'refused', 'failed')`),
    check(
      "webhook_attempts_answered_with",
      sql`(${table.outcome} = 'answered') = (${table.responseStatus} is not null)`,
    ),
    check("webhook_attempts_or_reason", sql`(${table.outcome} = 'answered') = (${table.reason} is null)`),
  ],
);
