/** A checkpoint as LangGraph hands it over, serialised; the store keeps it and never looks inside. */
export interface StoredCheckpoint {
  readonly threadId: string;
  readonly namespace: string;
  readonly checkpointId: string;
  readonly parentId: string | null;
  readonly type: string;
  readonly checkpoint: string;
  readonly metadataType: string;
  readonly metadata: string;
  /** One text for each entry of the metadata: what a query may ask for. */
  readonly metadataEntries: readonly string[];
  /** The values it is made of; those that did not change were stored with an ancestor. */
  readonly valueKeys: readonly string[];
}

/** One version of one channel: written once, shared by every checkpoint that names its key. */
export interface StoredValue {
  readonly key: string;
  readonly type: string;
  readonly value: string;
}

export interface StoredWrite {
  readonly taskId: string;
  /** Negative for LangGraph's special writes, of which the newest counts; of the others the first. */
  readonly position: number;
  readonly channel: string;
  readonly type: string;
  readonly value: string;
}

export interface CheckpointKey {
  readonly threadId: string;
  readonly namespace: string;
  readonly checkpointId: string;
}

export interface CheckpointTuple {
  readonly checkpoint: StoredCheckpoint;
  readonly values: readonly StoredValue[];
  /** By task, then by position. */
  readonly writes: readonly StoredWrite[];
}

/** Newest first; null asks for all. */
export interface CheckpointQuery {
  readonly threadId: string | null;
  readonly namespace: string | null;
  readonly checkpointId: string | null;
  readonly beforeId: string | null;
  readonly metadataEntries: readonly string[];
  readonly limit: number | null;
}

export interface CheckpointStore {
  list(query: CheckpointQuery): Promise<readonly CheckpointTuple[]>;
  put(checkpoint: StoredCheckpoint, newValues: readonly StoredValue[]): Promise<void>;
  putWrites(key: CheckpointKey, writes: readonly StoredWrite[]): Promise<void>;
  removeThread(threadId: string): Promise<void>;
}
