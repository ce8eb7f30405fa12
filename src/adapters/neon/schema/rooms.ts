import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, creditUnits, deletedAt, ownerId, updatedAt, version } from "./columns.ts";
import { users } from "./identity.ts";

export const rooms = pgTable(
  "rooms",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId().references(() => users.id),
    name: text("name").notNull(),
    goal: text("goal").notNull(),
    mode: text("mode").notNull(),
    /** Who routes, judges, writes the last word and sums up; null: the model of the first agent. */
    managerModelAlias: text("manager_model_alias"),
    budgetUnits: creditUnits("budget_units"),
    version: version(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: deletedAt(),
  },
  (table) => [
    unique("rooms_id_owner_unique").on(table.id, table.ownerId),
    index("rooms_owner_live").on(table.ownerId, table.id).where(sql`deleted_at is null`),
    check("rooms_name_length", sql`char_length(${table.name}) between 1 and 200`),
    check("rooms_budget_not_negative", sql`${table.budgetUnits} >= 0`),
  ],
);

export const roomAgents = pgTable(
  "room_agents",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    agentKey: text("agent_key").notNull(),
    name: text("name").notNull(),
    modelAlias: text("model_alias").notNull(),
    rolePrompt: text("role_prompt").notNull(),
    /** The names of all tools that it may use. */
    tools: text("tools").array().notNull().default([]),
    position: integer("position").notNull(),
    version: version(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: deletedAt(),
  },
  (table) => [
    // Both columns, so that no row can hang below another tenant's room: foreign keys do not see row security.
    foreignKey({
      name: "room_agents_room",
      columns: [table.roomId, table.ownerId],
      foreignColumns: [rooms.id, rooms.ownerId],
    }),
    uniqueIndex("room_agents_key_unique").on(table.roomId, sql`lower(agent_key)`).where(sql`deleted_at is null`),
    uniqueIndex("room_agents_position_unique").on(table.roomId, table.position).where(sql`deleted_at is null`),
    check("room_agents_position_not_negative", sql`${table.position} >= 0`),
  ],
);

export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    title: text("title").notNull(),
    budgetUnits: creditUnits("budget_units"),
    turnCount: integer("turn_count").notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: deletedAt(),
  },
  (table) => [
    unique("sessions_id_owner_unique").on(table.id, table.ownerId),
    foreignKey({
      name: "sessions_room",
      columns: [table.roomId, table.ownerId],
      foreignColumns: [rooms.id, rooms.ownerId],
    }),
    index("sessions_room_live").on(table.roomId, table.id).where(sql`deleted_at is null`),
    check("sessions_budget_not_negative", sql`${table.budgetUnits} >= 0`),
  ],
);
