import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, ownerId, updatedAt } from "./columns.ts";
import { sessions } from "./rooms.ts";

/** Never changed: the newest of a session is what its prompts begin with, the earlier ones are what the audit rebuilds from. */
export const sessionSummaries = pgTable(
  "session_summaries",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    sessionId: uuid("session_id").notNull(),
    version: integer("version").notNull(),
    /** The step that made it; null for a revision of the register by the user. */
    stepId: uuid("step_id"),
    /** The last turn whose messages it replaces. */
    throughTurnIndex: integer("through_turn_index").notNull(),
    /** The newest turn when it was made: what "turns since" counts from. */
    madeAtTurnIndex: integer("made_at_turn_index").notNull(),
    /** How far into a later turn a summary in pieces has read. */
    cursor: jsonb("cursor"),
    text: text("text").notNull(),
    items: jsonb("items").notNull(),
    rendered: text("rendered").notNull(),
    tokens: integer("tokens").notNull(),
    tokenClass: text("token_class"),
    /** The most tokens that it can be in a prompt: its bytes as quoted, and what a message costs beside them. */
    boundTokens: integer("bound_tokens")
      .notNull()
      .generatedAlwaysAs(sql`octet_length(replace(replace(rendered, '&', '&amp;'), '<', '&lt;')) + 64`),
    isFallback: boolean("is_fallback").notNull(),
    /** How many entries of each kind were open when it was written, so that nobody has to count them; null of old ones. */
    openCounts: jsonb("open_counts"),
    createdAt: createdAt(),
  },
  (table) => [
    unique("session_summaries_version").on(table.sessionId, table.version),
    foreignKey({
      name: "session_summaries_session",
      columns: [table.sessionId, table.ownerId],
      foreignColumns: [sessions.id, sessions.ownerId],
    }),
    check("session_summaries_version_positive", sql`${table.version} >= 1`),
  ],
);

/** What was found out, decided, asked and promised. Its words never change: a correction is an entry of its own. */
export const registerEntries = pgTable(
  "register_entries",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId(),
    roomId: uuid("room_id").notNull(),
    sessionId: uuid("session_id").notNull(),
    kind: text("kind").notNull(),
    text: text("text").notNull(),
    status: text("status").notNull().default("open"),
    /** Whose words it is taken from; null: the user's. */
    authorKey: text("author_key"),
    sourceMessageIds: uuid("source_message_ids").array().notNull(),
    isPinned: boolean("is_pinned").notNull().default(false),
    /** The entry that took its place. */
    supersededBy: uuid("superseded_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("register_entries_session").on(table.sessionId, table.id),
    index("register_entries_room").on(table.roomId, table.id),
    index("register_entries_open")
      .on(table.sessionId, table.kind, sql`(${table.authorKey} is null)`, table.id)
      .where(sql`status = 'open' and not is_pinned`),
    index("register_entries_pinned").on(table.sessionId, table.id).where(sql`status = 'open' and is_pinned`),
    foreignKey({
      name: "register_entries_session_owner",
      columns: [table.sessionId, table.ownerId],
      foreignColumns: [sessions.id, sessions.ownerId],
    }),
    check("register_entries_kind_known", sql`${table.kind} in ('fact', 'decision', 'question', 'action')`),
    check("register_entries_status_known", sql`${table.status} in ('open', 'done', 'superseded')`),
  ],
);
