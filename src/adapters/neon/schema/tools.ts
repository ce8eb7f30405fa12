import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, deletedAt, ownerId, updatedAt } from "./columns.ts";
import { rooms } from "./rooms.ts";
import { turns } from "./turns.ts";

/** A remote server whose tools the agents of a room may be given. */
export const toolServers = pgTable(
  "tool_servers",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    name: text("name").notNull(),
    url: text("url").notNull(),
    /** Written by users' requests and read by the system alone; it goes with the server. */
    authorization: text("authorization"),
    /** All that users' requests may know of it. */
    hasAuthorization: boolean("has_authorization").notNull().generatedAlwaysAs(sql`"authorization" is not null`),
    requiresApproval: boolean("requires_approval").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: deletedAt(),
  },
  (table) => [
    foreignKey({
      name: "tool_servers_room",
      columns: [table.roomId, table.ownerId],
      foreignColumns: [rooms.id, rooms.ownerId],
    }),
    uniqueIndex("tool_servers_name_unique").on(table.roomId, sql`lower(name)`).where(sql`deleted_at is null`),
    check("tool_servers_gone_open_nothing", sql`${table.deletedAt} is null or ${table.authorization} is null`),
  ],
);

/** One row for each call of a tool, refused ones too. */
export const toolCalls = pgTable(
  "tool_calls",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    turnId: uuid("turn_id").notNull(),
    stepId: uuid("step_id").notNull(),
    /** The fence under which it was made, and its place among the calls of that claim. */
    attempt: integer("attempt").notNull(),
    ordinal: integer("ordinal").notNull(),
    agentKey: text("agent_key").notNull(),
    /** Ours: the one under which it was asked about, if it was. */
    callId: text("call_id").notNull(),
    name: text("name").notNull(),
    arguments: text("arguments").notNull(),
    status: text("status").notNull(),
    resultBytes: integer("result_bytes").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("tool_calls_once").on(table.stepId, table.attempt, table.ordinal),
    index("tool_calls_turn").on(table.turnId),
    foreignKey({
      name: "tool_calls_turn_owner",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check("tool_calls_status_known", sql`${table.status} in ('ok', 'refused', 'failed', 'denied')`),
  ],
);
