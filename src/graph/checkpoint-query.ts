import type { CheckpointQuery } from "../ports/checkpoints.ts";

/** The query that leaves nothing out, to be narrowed. */
export const everything: CheckpointQuery = {
  threadId: null,
  namespace: null,
  checkpointId: null,
  beforeId: null,
  metadataEntries: [],
  limit: null,
};

/** Metadata as texts that a store can compare: one for each entry. */
export function entriesOf(metadata: object): readonly string[] {
  const present = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return present.map((entry) => JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? `${value}n` : value)));
}
