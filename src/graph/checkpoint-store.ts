import { PantheonError } from "../contract/errors.ts";
import type {
  CheckpointKey,
  CheckpointQuery,
  CheckpointStore,
  CheckpointTuple,
  StoredCheckpoint,
  StoredValue,
  StoredWrite,
} from "../ports/checkpoints.ts";
import { everything } from "./checkpoint-query.ts";

export interface InMemoryCheckpointStore extends CheckpointStore {
  has(threadId: string): boolean;
  /** The newest checkpoint as the one text that the step's commit keeps; null when there is none. */
  snapshot(): string | null;
}

/** A store for one step: it starts from the text that the claim handed over and never leaves memory. */
export function createInMemoryCheckpointStore(seed: string | null): InMemoryCheckpointStore {
  const kept = keep(seed === null ? [] : readStepText(seed));
  return {
    list: async (query) => listTuples(kept, query),
    async put(checkpoint, newValues) {
      kept.checkpoints = [...kept.checkpoints.filter((other) => !isSame(other, checkpoint)), checkpoint];
      kept.values = [...kept.values, ...placeValues(checkpoint, newValues)];
    },
    async putWrites(key, writes) {
      for (const write of writes) kept.writes = addWrite(kept.writes, { ...key, ...write });
    },
    async removeThread(threadId) {
      kept.checkpoints = kept.checkpoints.filter((checkpoint) => checkpoint.threadId !== threadId);
      kept.values = kept.values.filter((value) => value.threadId !== threadId);
      kept.writes = kept.writes.filter((write) => write.threadId !== threadId);
    },
    has: (threadId) => kept.checkpoints.some((checkpoint) => checkpoint.threadId === threadId),
    snapshot() {
      const namespaces = [...new Set(kept.checkpoints.map(({ namespace }) => namespace))];
      const newest = namespaces.flatMap((namespace) => listTuples(kept, { ...everything, namespace, limit: 1 }));
      return newest.length === 0 ? null : writeStepText(newest);
    },
  };
}

type Place = Pick<CheckpointKey, "threadId" | "namespace">;
type PlacedValue = Place & StoredValue;
type PlacedWrite = CheckpointKey & StoredWrite;

interface Kept {
  checkpoints: readonly StoredCheckpoint[];
  values: readonly PlacedValue[];
  writes: readonly PlacedWrite[];
}

function keep(tuples: readonly CheckpointTuple[]): Kept {
  return {
    checkpoints: tuples.map(({ checkpoint }) => checkpoint),
    values: tuples.flatMap(({ checkpoint, values }) => placeValues(checkpoint, values)),
    writes: tuples.flatMap(({ checkpoint, writes }) => writes.map((write) => ({ ...keyOf(checkpoint), ...write }))),
  };
}

function listTuples(kept: Kept, query: CheckpointQuery): readonly CheckpointTuple[] {
  const found = kept.checkpoints.filter((checkpoint) => isWanted(checkpoint, query)).toSorted(newestFirst);
  return found.slice(0, query.limit ?? found.length).map((checkpoint) => ({
    checkpoint,
    values: kept.values
      .filter((value) => isIn(checkpoint, value) && checkpoint.valueKeys.includes(value.key))
      .map(toValue),
    writes: kept.writes
      .filter((write) => isSame(checkpoint, write))
      .toSorted(byTask)
      .map(toWrite),
  }));
}

function isWanted(checkpoint: StoredCheckpoint, query: CheckpointQuery): boolean {
  const { threadId, namespace, checkpointId, beforeId, metadataEntries } = query;
  return (
    (threadId === null || checkpoint.threadId === threadId) &&
    (namespace === null || checkpoint.namespace === namespace) &&
    (checkpointId === null || checkpoint.checkpointId === checkpointId) &&
    (beforeId === null || checkpoint.checkpointId < beforeId) &&
    metadataEntries.every((entry) => checkpoint.metadataEntries.includes(entry))
  );
}

function addWrite(writes: readonly PlacedWrite[], added: PlacedWrite): readonly PlacedWrite[] {
  const isTaken = (write: PlacedWrite) =>
    isSame(write, added) && write.taskId === added.taskId && write.position === added.position;
  if (added.position >= 0) return writes.some(isTaken) ? writes : [...writes, added];
  return [...writes.filter((write) => !isTaken(write)), added];
}

function placeValues({ threadId, namespace }: Place, values: readonly StoredValue[]): readonly PlacedValue[] {
  return values.map((value) => ({ threadId, namespace, ...value }));
}

function isIn(place: Place, other: Place): boolean {
  return place.threadId === other.threadId && place.namespace === other.namespace;
}

function isSame(key: CheckpointKey, other: CheckpointKey): boolean {
  return isIn(key, other) && key.checkpointId === other.checkpointId;
}

function newestFirst(one: StoredCheckpoint, other: StoredCheckpoint): number {
  return compareText(other.checkpointId, one.checkpointId);
}

function byTask(one: StoredWrite, other: StoredWrite): number {
  return compareText(one.taskId, other.taskId) || one.position - other.position;
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function keyOf({ threadId, namespace, checkpointId }: CheckpointKey): CheckpointKey {
  return { threadId, namespace, checkpointId };
}

function toValue({ key, type, value }: StoredValue): StoredValue {
  return { key, type, value };
}

function toWrite({ taskId, position, channel, type, value }: StoredWrite): StoredWrite {
  return { taskId, position, channel, type, value };
}

const version = 1;

interface StepText {
  readonly v: typeof version;
  readonly tuples: readonly CheckpointTuple[];
}

/** The opaque text of a step's checkpoint; a deploy in mid-turn reads what the build before it wrote. */
export function writeStepText(tuples: readonly CheckpointTuple[]): string {
  const text: StepText = { v: version, tuples };
  return JSON.stringify(text);
}

function readStepText(text: string): readonly CheckpointTuple[] {
  const parsed = parse(text);
  if (isStepText(parsed)) return parsed.tuples;
  const found = JSON.stringify(versionOf(parsed)) ?? "none";
  throw new PantheonError("internal", `The step's checkpoint is of version ${found.slice(0, 50)}; known: ${version}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PantheonError("internal", "The step's checkpoint is not JSON.", { cause });
  }
}

// The version vouches for the shape: only `writeStepText` writes it.
function isStepText(parsed: unknown): parsed is StepText {
  return versionOf(parsed) === version;
}

function versionOf(parsed: unknown): unknown {
  return typeof parsed === "object" && parsed !== null && "v" in parsed ? parsed.v : undefined;
}
