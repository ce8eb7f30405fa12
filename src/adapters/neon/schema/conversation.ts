import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, ownerId } from "./columns.ts";
import { turns } from "./turns.ts";

export const messages = pgTable(
  "messages",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    sessionId: uuid("session_id").notNull(),
    turnId: uuid("turn_id").notNull(),
    turnIndex: integer("turn_index").notNull(),
    /** 0 for the user's own, then the step's index plus one. */
    position: integer("position").notNull(),
    author: text("author").notNull(),
    agentKey: text("agent_key"),
    agentName: text("agent_name"),
    errorType: text("error_type"),
    text: text("text").notNull(),
    tokens: integer("tokens").notNull(),
    /** By which of a model's ratios its tokens count; null for what was said before they were kept. */
    tokenClass: text("token_class"),
    /** The one agent whose prompts it goes into; null: everybody's. */
    privateTo: text("private_to"),
    /** Messages that go in or out of a prompt together. */
    groupId: uuid("group_id"),
    /** The most tokens that it can be in anyone's prompt: its bytes as quoted, and what a message costs beside them. */
    boundTokens: integer("bound_tokens")
      .notNull()
      .generatedAlwaysAs(
        sql`octet_length(replace(replace(text, '&', '&amp;'), '<', '&lt;')) + 6 * octet_length(coalesce(agent_name, ''))
          + octet_length(coalesce(agent_key, '')) + 6 * octet_length(coalesce(error_type, '')) + 64`,
      ),
    isPinned: boolean("is_pinned").notNull().default(false),
    isInHistory: boolean("is_in_history").notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [
    unique("messages_position_unique").on(table.turnId, table.position),
    // Read backwards: drizzle's desc() is NULLS LAST, which serves no plain ORDER BY ... DESC.
    index("messages_history").on(table.sessionId, table.turnIndex, table.position),
    index("messages_pinned").on(table.sessionId, table.turnIndex, table.position).where(sql`is_pinned`),
    foreignKey({
      name: "messages_turn",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check("messages_author_known", sql`${table.author} in ('user', 'agent', 'failed_agent')`),
  ],
);

export const turnEvents = pgTable(
  "turn_events",
  {
    turnId: uuid("turn_id").notNull(),
    seq: integer("seq").notNull(),
    ownerId: ownerId(),
    type: text("type").notNull(),
    data: jsonb("data").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ name: "turn_events_pkey", columns: [table.turnId, table.seq] }),
    foreignKey({
      name: "turn_events_turn",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
  ],
);

export const turnContextAudit = pgTable(
  "turn_context_audit",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    turnId: uuid("turn_id").notNull(),
    stepIndex: integer("step_index").notNull(),
    agentKey: text("agent_key").notNull(),
    attempt: integer("attempt").notNull(),
    audit: jsonb("audit").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("turn_context_audit_once").on(table.turnId, table.stepIndex, table.attempt),
    foreignKey({
      name: "turn_context_audit_turn",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
  ],
);
