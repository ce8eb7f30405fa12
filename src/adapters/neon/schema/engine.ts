import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, creditUnits, instant, ownerId } from "./columns.ts";
import { users } from "./identity.ts";
import { turns } from "./turns.ts";

/** What must be told to the queue; a row goes when the message has arrived. */
export const outbox = pgTable(
  "outbox",
  {
    kind: text("kind").notNull(),
    targetId: uuid("target_id").notNull(),
    /** Null for a delivery of what belongs to no turn. */
    turnId: uuid("turn_id"),
    ownerId: ownerId(),
    generation: integer("generation").notNull(),
    attempts: integer("attempts").notNull().default(0),
    delaySeconds: integer("delay_seconds").notNull().default(0),
    nextAt: instant("next_at").notNull(),
    madeIn: bigint("made_in", { mode: "bigint" }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ name: "outbox_pkey", columns: [table.kind, table.targetId] }),
    index("outbox_due").on(table.kind, table.nextAt),
    index("outbox_turn").on(table.turnId),
    index("outbox_made").on(table.madeIn),
  ],
);

/** One row per HTTP attempt at a model, lost ones too. */
export const llmCallEvents = pgTable(
  "llm_call_events",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    sessionId: uuid("session_id").notNull(),
    turnId: uuid("turn_id").notNull(),
    stepId: uuid("step_id").notNull(),
    /** The fence under which the call was made, and its place among the calls of that claim. */
    attempt: integer("attempt").notNull(),
    ordinal: integer("ordinal").notNull(),
    agentKey: text("agent_key").notNull(),
    purpose: text("purpose").notNull(),
    provider: text("provider").notNull(),
    modelAlias: text("model_alias").notNull(),
    providerModel: text("provider_model").notNull(),
    requestId: text("request_id"),
    generationId: text("generation_id"),
    freshTokens: bigint("fresh_tokens", { mode: "bigint" }).notNull(),
    cachedTokens: bigint("cached_tokens", { mode: "bigint" }).notNull(),
    outputTokens: bigint("output_tokens", { mode: "bigint" }).notNull(),
    cacheWriteTokens: bigint("cache_write_tokens", { mode: "bigint" }).notNull(),
    reasoningTokens: bigint("reasoning_tokens", { mode: "bigint" }).notNull(),
    oeHundredths: bigint("oe_hundredths", { mode: "bigint" }).notNull(),
    multiplierMilli: integer("multiplier_milli").notNull(),
    pricingVersion: text("pricing_version").notNull(),
    creditUnits: creditUnits("credit_units").notNull(),
    /** The part of it that the user pays; the rest is the platform's. */
    chargedUnits: creditUnits("charged_units").notNull().default(sql`0`),
    costUsdPico: bigint("cost_usd_pico", { mode: "bigint" }),
    latencyMs: integer("latency_ms"),
    status: text("status").notNull(),
    httpStatus: integer("http_status"),
    finishReason: text("finish_reason"),
    isEstimated: boolean("is_estimated").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("llm_call_events_once").on(table.stepId, table.attempt, table.ordinal),
    index("llm_call_events_turn").on(table.turnId),
    index("llm_call_events_owner").on(table.ownerId, table.createdAt),
    // The platform's figures are read rarely, so this index costs a write next to nothing.
    index("llm_call_events_time").using("brin", table.createdAt),
    // Those whose count a provider gave: what estimates learn from.
    index("llm_call_events_counted")
      .on(table.createdAt, table.id)
      .where(sql`status = 'ok' and not is_estimated and ordinal = 0`),
    foreignKey({
      name: "llm_call_events_turn_owner",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check("llm_call_events_charged_within", sql`${table.chargedUnits} between 0 and ${table.creditUnits}`),
    check("llm_call_events_status_known", sql`${table.status} in ('ok', 'failed', 'aborted', 'lost')`),
  ],
);

/** How many turns a user began in the minute and the hour under way. */
export const turnRates = pgTable("turn_rates", {
  ownerId: uuid("owner_id")
    .primaryKey()
    .references(() => users.id),
  minuteStartedAt: instant("minute_started_at").notNull(),
  minuteCount: integer("minute_count").notNull(),
  hourStartedAt: instant("hour_started_at").notNull(),
  hourCount: integer("hour_count").notNull(),
});
