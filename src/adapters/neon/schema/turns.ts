import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, creditUnits, instant, ownerId, updatedAt } from "./columns.ts";
import { sessions } from "./rooms.ts";

export const turns = pgTable(
  "turns",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    sessionId: uuid("session_id").notNull(),
    /** Below zero for a summary, which is no turn of the conversation. */
    turnIndex: integer("turn_index").notNull(),
    status: text("status").notNull(),
    /** Holds the session: at most one turn of it runs. */
    isActive: boolean("is_active").notNull(),
    mode: text("mode").notNull(),
    rounds: integer("rounds").notNull(),
    plan: jsonb("plan").notNull(),
    metadata: jsonb("metadata").notNull(),
    budgetUnits: creditUnits("budget_units"),
    /** Where its end is told, signed as the endpoint of the same origin signs. */
    callbackUrl: text("callback_url"),
    callbackEndpointId: uuid("callback_endpoint_id"),
    /** Why a paused turn waits. */
    pause: jsonb("pause"),
    error: jsonb("error"),
    pendingSteps: integer("pending_steps").notNull(),
    totalSteps: integer("total_steps").notNull(),
    failedSteps: integer("failed_steps").notNull().default(0),
    lastSeq: integer("last_seq").notNull().default(0),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    updatedAt: updatedAt(),
  },
  (table) => [
    unique("turns_id_owner_unique").on(table.id, table.ownerId),
    unique("turns_index_unique").on(table.sessionId, table.turnIndex),
    uniqueIndex("turns_one_active").on(table.sessionId).where(sql`is_active`),
    index("turns_waiting").on(table.sessionId, table.turnIndex).where(sql`status = 'queued' and not is_active`),
    // A summary of the session is under way once at most; it holds the session for nobody else.
    uniqueIndex("turns_one_summary").on(table.sessionId).where(sql`mode = 'summary' and finished_at is null`),
    foreignKey({
      name: "turns_session",
      columns: [table.sessionId, table.ownerId],
      foreignColumns: [sessions.id, sessions.ownerId],
    }),
    check(
      "turns_status_known",
      sql`${table.status} in ('queued', 'running', 'paused', 'completed', 'partial', 'failed', 'cancelled')`,
    ),
    check("turns_active_is_open", sql`not ${table.isActive} or ${table.status} in ('queued', 'running', 'paused')`),
    check("turns_budget_not_negative", sql`${table.budgetUnits} >= 0`),
    check("turns_paused_for_a_reason", sql`(${table.status} = 'paused') = (${table.pause} is not null)`),
    check("turns_pending_not_negative", sql`${table.pendingSteps} >= 0`),
  ],
);

export const turnSteps = pgTable(
  "turn_steps",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    turnId: uuid("turn_id").notNull(),
    stepIndex: integer("step_index").notNull(),
    purpose: text("purpose").notNull(),
    agentKey: text("agent_key").notNull(),
    round: integer("round").notNull(),
    status: text("status").notNull(),
    /** Steps that must end first, counted down by their commits; and the steps that wait for this one. */
    waitingOn: integer("waiting_on").notNull(),
    unblocks: integer("unblocks").array().notNull(),
    sees: integer("sees").array().notNull(),
    /** What its speaker alone is told. */
    instruction: text("instruction"),
    /** What it came to, where that is more than its words. */
    result: jsonb("result"),
    windowTokens: integer("window_tokens").notNull(),
    /** The most tokens its prompt may come to; null where only the model's own limit bounds it. */
    promptBound: integer("prompt_bound"),
    /** The most that it may cost: what is held for it. */
    holdUnits: creditUnits("hold_units").notNull().default(sql`0`),
    /** The fence: every claim takes the next one, and only its holder may commit. */
    token: integer("token").notNull().default(0),
    attempts: integer("attempts").notNull().default(0),
    lostAttempts: integer("lost_attempts").notNull().default(0),
    waitedSeconds: integer("waited_seconds").notNull().default(0),
    leaseUntil: instant("lease_until"),
    notBefore: instant("not_before"),
    checkpoint: text("checkpoint"),
    /** Tool calls that a person has to decide on, each with what was decided. */
    approvals: jsonb("approvals"),
    error: jsonb("error"),
    flags: text("flags").array().notNull().default([]),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    updatedAt: updatedAt(),
  },
  (table) => [
    unique("turn_steps_index_unique").on(table.turnId, table.stepIndex),
    index("turn_steps_leased").on(table.leaseUntil).where(sql`status = 'running'`),
    // Cancelled while a call was under way, and not heard of since.
    index("turn_steps_unheard").on(table.leaseUntil).where(sql`status = 'cancelled' and lease_until is not null`),
    foreignKey({
      name: "turn_steps_turn",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check(
      "turn_steps_status_known",
      sql`${table.status} in ('waiting', 'ready', 'running', 'awaiting', 'done', 'failed', 'cancelled')`,
    ),
    check("turn_steps_waiting_not_negative", sql`${table.waitingOn} >= 0`),
    check("turn_steps_running_has_lease", sql`${table.status} <> 'running' or ${table.leaseUntil} is not null`),
  ],
);
