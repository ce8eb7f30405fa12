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
}

export interface StoredWrite {
  readonly taskId: string;
  readonly index: number;
  readonly channel: string;
  readonly type: string;
  readonly value: string;
}

export interface CheckpointKey {
  readonly threadId: string;
  readonly namespace: string;
  /** Null for the newest one. */
  readonly checkpointId: string | null;
}

export interface CheckpointTuple {
  readonly checkpoint: StoredCheckpoint;
  readonly writes: readonly StoredWrite[];
}

export interface CheckpointQuery {
  readonly threadId: string | null;
  readonly namespace: string | null;
  readonly before: string | null;
  readonly limit: number | null;
}

export interface CheckpointStore {
  load(key: CheckpointKey): Promise<CheckpointTuple | null>;
  list(query: CheckpointQuery): Promise<readonly CheckpointTuple[]>;
  put(checkpoint: StoredCheckpoint): Promise<void>;
  putWrites(key: CheckpointKey, writes: readonly StoredWrite[]): Promise<void>;
  removeThread(threadId: string): Promise<void>;
}
