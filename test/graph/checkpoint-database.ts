import { createCheckpointStore } from "../../src/adapters/neon/checkpoint-store.ts";
import { createDatabase } from "../../src/adapters/neon/database.ts";
import type { CheckpointStore } from "../../src/ports/checkpoints.ts";
import type { TestDatabase } from "../support/database.ts";

type Opened = Pick<TestDatabase, "connectionString" | "fetchEndpoint">;

/** By default an owner of its own: what others wrote must not show. */
export function storeIn(
  { connectionString, fetchEndpoint }: Opened,
  ownerId: string = crypto.randomUUID(),
): CheckpointStore {
  const database = createDatabase({ connectionString, fetchEndpoint, signupGrantUnits: 0n, timeoutMs: 10_000 });
  return createCheckpointStore(database, ownerId);
}
