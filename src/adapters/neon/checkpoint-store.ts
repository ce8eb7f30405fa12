import { and, arrayContains, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import type {
  CheckpointQuery,
  CheckpointStore,
  CheckpointTuple,
  StoredCheckpoint,
  StoredValue,
  StoredWrite,
} from "../../ports/checkpoints.ts";
import type { Database } from "./database.ts";
import { checkpoints, checkpointValues, checkpointWrites } from "./schema/checkpoints.ts";

/** One owner's checkpoints; each method is one round trip. */
export function createCheckpointStore(database: Database, ownerId: string): CheckpointStore {
  const { query } = database;
  return {
    async list(wanted) {
      const select = query
        .select({ checkpoint: checkpoints, values: valuesOfRow, writes: writesOfRow })
        .from(checkpoints)
        .where(and(...conditions(ownerId, wanted)))
        .orderBy(desc(checkpoints.checkpointId));
      const limited = wanted.limit === null ? select : select.limit(Math.max(0, wanted.limit));
      const [rows] = await database.asSystem([limited]);
      return rows.map(toTuple);
    },
    async put(checkpoint, newValues) {
      const { threadId, namespace } = checkpoint;
      const row = toRow(ownerId, checkpoint);
      const upsert = query
        .insert(checkpoints)
        .values(row)
        .onConflictDoUpdate({
          target: [checkpoints.ownerId, checkpoints.threadId, checkpoints.namespace, checkpoints.checkpointId],
          set: row,
        });
      if (newValues.length === 0) return void (await database.asSystem([upsert]));
      const rows = newValues.map((value) => ({ ownerId, threadId, namespace, ...value }));
      const insert = query.insert(checkpointValues).values(rows).onConflictDoNothing();
      await database.asSystem([insert, upsert]);
    },
    async putWrites(key, writes) {
      if (writes.length === 0) return;
      const rows = writes.map((write) => ({ ownerId, ...key, ...write }));
      const { threadId, namespace, checkpointId, taskId, position } = checkpointWrites;
      const insert = query
        .insert(checkpointWrites)
        .values(rows)
        .onConflictDoUpdate({
          target: [checkpointWrites.ownerId, threadId, namespace, checkpointId, taskId, position],
          set: { channel: sql`excluded.channel`, type: sql`excluded.type`, value: sql`excluded.value` },
          setWhere: lt(checkpointWrites.position, 0),
        });
      await database.asSystem([insert]);
    },
    async removeThread(threadId) {
      const removals = [checkpoints, checkpointValues, checkpointWrites].map((table) =>
        query.delete(table).where(and(eq(table.ownerId, ownerId), eq(table.threadId, threadId))),
      );
      await database.asSystem(removals);
    },
  };
}

// Qualified by hand: in a select from one table drizzle leaves the table's name out.
const valuesOfRow = sql<readonly StoredValue[]>`(
  select coalesce(json_agg(json_build_object('key', v.key, 'type', v.type, 'value', v.value)), '[]')
  from checkpoint_values v
  where v.owner_id = checkpoints.owner_id and v.thread_id = checkpoints.thread_id
    and v.namespace = checkpoints.namespace and v.key = any(checkpoints.value_keys))`;

const writesOfRow = sql<readonly StoredWrite[]>`(
  select coalesce(json_agg(json_build_object('taskId', w.task_id, 'position', w.position, 'channel', w.channel,
    'type', w.type, 'value', w.value) order by w.task_id, w.position), '[]')
  from checkpoint_writes w
  where w.owner_id = checkpoints.owner_id and w.thread_id = checkpoints.thread_id
    and w.namespace = checkpoints.namespace and w.checkpoint_id = checkpoints.checkpoint_id)`;

function conditions(ownerId: string, wanted: CheckpointQuery): readonly (SQL | undefined)[] {
  const { threadId, namespace, checkpointId, beforeId, metadataEntries } = wanted;
  return [
    eq(checkpoints.ownerId, ownerId),
    threadId === null ? undefined : eq(checkpoints.threadId, threadId),
    namespace === null ? undefined : eq(checkpoints.namespace, namespace),
    checkpointId === null ? undefined : eq(checkpoints.checkpointId, checkpointId),
    beforeId === null ? undefined : lt(checkpoints.checkpointId, beforeId),
    metadataEntries.length === 0 ? undefined : arrayContains(checkpoints.metadataEntries, [...metadataEntries]),
  ];
}

interface Row {
  readonly checkpoint: typeof checkpoints.$inferSelect;
  readonly values: readonly StoredValue[];
  readonly writes: readonly StoredWrite[];
}

function toTuple({ checkpoint: row, values, writes }: Row): CheckpointTuple {
  const { ownerId: _owner, createdAt: _created, ...checkpoint } = row;
  return { checkpoint, values, writes };
}

function toRow(ownerId: string, checkpoint: StoredCheckpoint) {
  const { metadataEntries, valueKeys } = checkpoint;
  return { ownerId, ...checkpoint, metadataEntries: [...metadataEntries], valueKeys: [...valueKeys] };
}
