import { integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, ownerId } from "./columns.ts";

/** LangGraph's checkpoints where the saver is used alone; a step's own checkpoint lives in its row. */
export const checkpoints = pgTable(
  "checkpoints",
  {
    ownerId: ownerId(),
    threadId: text("thread_id").notNull(),
    namespace: text("namespace").notNull(),
    checkpointId: text("checkpoint_id").notNull(),
    parentId: text("parent_id"),
    type: text("type").notNull(),
    checkpoint: text("checkpoint").notNull(),
    metadataType: text("metadata_type").notNull(),
    metadata: text("metadata").notNull(),
    metadataEntries: text("metadata_entries").array().notNull(),
    valueKeys: text("value_keys").array().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({
      name: "checkpoints_pkey",
      columns: [table.ownerId, table.threadId, table.namespace, table.checkpointId],
    }),
  ],
);

/** One row for each version of a channel, so that a long thread does not store what stayed the same. */
export const checkpointValues = pgTable(
  "checkpoint_values",
  {
    ownerId: ownerId(),
    threadId: text("thread_id").notNull(),
    namespace: text("namespace").notNull(),
    key: text("key").notNull(),
    type: text("type").notNull(),
    value: text("value").notNull(),
  },
  (table) => [
    primaryKey({
      name: "checkpoint_values_pkey",
      columns: [table.ownerId, table.threadId, table.namespace, table.key],
    }),
  ],
);

export const checkpointWrites = pgTable(
  "checkpoint_writes",
  {
    ownerId: ownerId(),
    threadId: text("thread_id").notNull(),
    namespace: text("namespace").notNull(),
    checkpointId: text("checkpoint_id").notNull(),
    taskId: text("task_id").notNull(),
    position: integer("position").notNull(),
    channel: text("channel").notNull(),
    type: text("type").notNull(),
    value: text("value").notNull(),
  },
  (table) => [
    primaryKey({
      name: "checkpoint_writes_pkey",
      columns: [table.ownerId, table.threadId, table.namespace, table.checkpointId, table.taskId, table.position],
    }),
  ],
);
