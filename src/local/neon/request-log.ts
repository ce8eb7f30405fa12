export interface RequestRecord {
  readonly queries: readonly string[];
  readonly rowsReturned: number;
}

export interface RequestStats {
  readonly requests: number;
  readonly statements: number;
}

export interface RequestLog {
  stats(): RequestStats;
  reset(): void;
  record(record: RequestRecord): void;
  /** Returns the removal of the listener. */
  onRequest(listener: (record: RequestRecord) => void): () => void;
}

export function createRequestLog(): RequestLog {
  let stats: RequestStats = { requests: 0, statements: 0 };
  const listeners = new Set<(record: RequestRecord) => void>();
  return {
    stats: () => stats,
    reset: () => {
      stats = { requests: 0, statements: 0 };
    },
    record: (record) => {
      stats = { requests: stats.requests + 1, statements: stats.statements + record.queries.length };
      for (const listener of listeners) listener(record);
    },
    onRequest: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
