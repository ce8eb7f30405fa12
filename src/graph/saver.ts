import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  copyCheckpoint,
  getCheckpointId,
  maxChannelVersion,
  type PendingWrite,
  TASKS,
  WRITES_IDX_MAP,
} from "@langchain/langgraph-checkpoint";
import type {
  CheckpointKey,
  CheckpointStore,
  StoredCheckpoint,
  StoredValue,
  StoredWrite,
  CheckpointTuple as Tuple,
} from "../ports/checkpoints.ts";
import { configOf, needed, textIn } from "./checkpoint-config.ts";
import { entriesOf, everything } from "./checkpoint-query.ts";
import { deserialize, serialize } from "./serde.ts";

/** LangGraph's saver over any checkpoint store. */
export function createSaver(store: CheckpointStore): BaseCheckpointSaver {
  return asSaver(new StoreSaver(store));
}

// Safe: where the library takes a saver its types name numbers only, but it orders versions of either kind.
function asSaver(saver: BaseCheckpointSaver<string>): BaseCheckpointSaver {
  return saver as unknown as BaseCheckpointSaver;
}

// The library demands a class.
class StoreSaver extends BaseCheckpointSaver<string> {
  readonly #store: CheckpointStore;

  constructor(store: CheckpointStore) {
    super();
    this.#store = store;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const threadId = textIn(config, "thread_id");
    if (threadId === null) return undefined;
    const namespace = textIn(config, "checkpoint_ns") ?? "";
    const checkpointId = getCheckpointId(config) || null;
    const [found] = await this.#store.list({ ...everything, threadId, namespace, checkpointId, limit: 1 });
    return found === undefined ? undefined : this.#toTuple(found);
  }

  override async *list(
    config: RunnableConfig,
    { before, filter, limit }: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const found = await this.#store.list({
      threadId: textIn(config, "thread_id"),
      namespace: textIn(config, "checkpoint_ns"),
      checkpointId: textIn(config, "checkpoint_id"),
      beforeId: before === undefined ? null : textIn(before, "checkpoint_id"),
      metadataEntries: entriesOf(filter ?? {}),
      limit: limit ?? null,
    });
    for (const tuple of found) yield await this.#toTuple(tuple);
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const threadId = needed(config, "thread_id");
    const namespace = textIn(config, "checkpoint_ns") ?? "";
    const { channel_values: channelValues, ...rest } = copyCheckpoint(checkpoint);
    const [body, meta, newValues] = await Promise.all([
      serialize(this.serde, rest),
      serialize(this.serde, metadata),
      this.#newValues(channelValues, newVersions),
    ]);
    const stored: StoredCheckpoint = {
      threadId,
      namespace,
      checkpointId: checkpoint.id,
      parentId: textIn(config, "checkpoint_id"),
      type: body.type,
      checkpoint: body.text,
      metadataType: meta.type,
      metadata: meta.text,
      metadataEntries: entriesOf(metadata),
      valueKeys: Object.entries(checkpoint.channel_versions).map(valueKey),
    };
    await this.#store.put(stored, newValues);
    return configOf({ threadId, namespace, checkpointId: checkpoint.id });
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const key = {
      threadId: needed(config, "thread_id"),
      namespace: textIn(config, "checkpoint_ns") ?? "",
      checkpointId: needed(config, "checkpoint_id"),
    };
    const stored = await Promise.all(writes.map((write, index) => this.#toWrite(taskId, write, index)));
    const newestByPosition = new Map(stored.map((write) => [write.position, write]));
    await this.#store.putWrites(key, [...newestByPosition.values()]);
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#store.removeThread(threadId);
  }

  // Two branches of one thread reach the same number; chance keeps the values they stored apart.
  override getNextVersion(current: string | undefined): string {
    const count = Number.parseInt(current ?? "0", 10) + 1;
    return `${count.toString().padStart(12, "0")}.${crypto.randomUUID().slice(0, 13)}`;
  }

  async #newValues(channelValues: Checkpoint["channel_values"], newVersions: ChannelVersions) {
    const changed = Object.entries(newVersions).filter(([channel]) => channel in channelValues);
    return Promise.all(
      changed.map(async (entry): Promise<StoredValue> => {
        const { type, text } = await serialize(this.serde, channelValues[entry[0]]);
        return { key: valueKey(entry), type, value: text };
      }),
    );
  }

  async #toWrite(taskId: string, [channel, value]: PendingWrite, index: number): Promise<StoredWrite> {
    const { type, text } = await serialize(this.serde, value);
    return { taskId, position: WRITES_IDX_MAP[channel] ?? index, channel, type, value: text };
  }

  async #toTuple({ checkpoint: stored, values, writes }: Tuple): Promise<CheckpointTuple> {
    const { threadId, namespace, checkpointId, parentId } = stored;
    const body = await deserialize(this.serde, { type: stored.type, text: stored.checkpoint });
    const metadata = await deserialize(this.serde, { type: stored.metadataType, text: stored.metadata });
    const parent = parentId === null ? null : { threadId, namespace, checkpointId: parentId };
    const checkpoint = { ...asCheckpoint(body), channel_values: await this.#channelValues(values) };
    if (checkpoint.v < 4 && parent !== null) await this.#addPendingSends(checkpoint, parent);
    return {
      config: configOf({ threadId, namespace, checkpointId }),
      checkpoint,
      metadata: asMetadata(metadata),
      pendingWrites: await this.#pendingWrites(writes),
      ...(parent === null ? {} : { parentConfig: configOf(parent) }),
    };
  }

  async #channelValues(values: readonly StoredValue[]): Promise<Checkpoint["channel_values"]> {
    const entries = values.map(async ({ key, type, value }): Promise<readonly [string, unknown]> => {
      return [channelOf(key), await deserialize(this.serde, { type, text: value })];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async #pendingWrites(writes: readonly StoredWrite[]): Promise<CheckpointPendingWrite[]> {
    return Promise.all(
      writes.map(async ({ taskId, channel, type, value }): Promise<CheckpointPendingWrite> => {
        return [taskId, channel, await deserialize(this.serde, { type, text: value })];
      }),
    );
  }

  /** Before version 4 a checkpoint's sends were the writes to its parent. */
  async #addPendingSends(checkpoint: Checkpoint, parent: CheckpointKey): Promise<void> {
    const [found] = await this.#store.list({ ...everything, ...parent, limit: 1 });
    const sends = await this.#pendingWrites((found?.writes ?? []).filter(({ channel }) => channel === TASKS));
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_values[TASKS] = sends.map(([, , value]) => value);
    checkpoint.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }
}

function valueKey([channel, version]: readonly [string, string | number]): string {
  return JSON.stringify([channel, version]);
}

function channelOf(key: string): string {
  const [channel]: readonly unknown[] = JSON.parse(key);
  return String(channel);
}

// Safe: both were serialised by `put` from values of these types.
function asCheckpoint(value: unknown): Omit<Checkpoint, "channel_values"> {
  return value as Omit<Checkpoint, "channel_values">;
}

function asMetadata(value: unknown): CheckpointMetadata {
  return value as CheckpointMetadata;
}
