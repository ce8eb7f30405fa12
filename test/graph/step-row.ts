import { sql } from "drizzle-orm";
import { createDatabase } from "../../src/adapters/neon/database.ts";
import { everything } from "../../src/graph/checkpoint-query.ts";
import { createInMemoryCheckpointStore, writeStepText } from "../../src/graph/checkpoint-store.ts";
import type { CheckpointStore, CheckpointTuple } from "../../src/ports/checkpoints.ts";
import type { TestDatabase } from "../support/database.ts";
import { newBooks, openAccounts, placeOf } from "../support/honest-books.ts";

export interface StepPlace extends Pick<TestDatabase, "connectionString" | "fetchEndpoint"> {
  readonly owner: string;
  readonly turn: string;
}

/** A turn for steps that only keep checkpoints. */
export async function openStepPlace({ backend, connectionString, fetchEndpoint }: TestDatabase): Promise<StepPlace> {
  const books = newBooks();
  await openAccounts(backend, books);
  await backend.runBatch([{ sql: "set local role pantheon_system" }, ...placeOf(books)]);
  return { connectionString, fetchEndpoint, owner: books.owner, turn: books.turn };
}

/** Every checkpoint in the row of one step: each write replaces the row's text, and each read takes it from the database. */
export function storeInStep(place: StepPlace, step: string = crypto.randomUUID()): CheckpointStore {
  const row = openRow(place, step);
  let lastChange = Promise.resolve();
  const change = (make: (store: CheckpointStore) => Promise<void>) => {
    lastChange = lastChange.then(async () => {
      const store = createInMemoryCheckpointStore(await row.read());
      await make(store);
      await row.write(writeStepText((await store.list(everything)).map(withEachValueOnce)));
    });
    return lastChange;
  };
  return {
    list: async (query) => createInMemoryCheckpointStore(await row.read()).list(query),
    put: (checkpoint, values) => change((store) => store.put(checkpoint, values)),
    putWrites: (key, writes) => change((store) => store.putWrites(key, writes)),
    removeThread: (threadId) => change((store) => store.removeThread(threadId)),
  };
}

/** A value that several checkpoints share is read once for each of them. */
function withEachValueOnce(tuple: CheckpointTuple): CheckpointTuple {
  return { ...tuple, values: [...new Map(tuple.values.map((value) => [value.key, value])).values()] };
}

function openRow({ connectionString, fetchEndpoint, owner, turn }: StepPlace, step: string) {
  const database = createDatabase({ connectionString, fetchEndpoint, signupGrantUnits: 0n, timeoutMs: 60_000 });
  const { query } = database;
  const added = query.execute(sql`
    insert into turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens)
    select ${step}, ${owner}, ${turn}, coalesce(max(s.step_index), 0) + 1, 'agent', 'ada', 1, 'ready', 0, '{}', '{}', 0
    from turn_steps s where s.turn_id = ${turn} on conflict (id) do nothing`);
  const found = query.execute<{ checkpoint: string | null }>(sql`select checkpoint from turn_steps where id = ${step}`);
  return {
    async read(): Promise<string | null> {
      const [, { rows }] = await database.asSystem([added, found]);
      return rows[0]?.checkpoint ?? null;
    },
    async write(text: string): Promise<void> {
      await database.asSystem([query.execute(sql`update turn_steps set checkpoint = ${text} where id = ${step}`)]);
    },
  };
}
