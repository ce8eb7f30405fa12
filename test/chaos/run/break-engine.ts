import type { ChaosDatabase } from "../simulation/chaos-database.ts";

/** One line of the engine's own SQL, written wrongly. */
export interface Breakage {
  readonly name: string;
  readonly routine: string;
  readonly right: string;
  readonly wrong: string;
}

/** Puts the wrong line into the database's function; answers how to put the right one back. */
export async function breakEngine(database: ChaosDatabase, breakage: Breakage): Promise<() => Promise<void>> {
  const { routine, right, wrong } = breakage;
  const source = await database.read({ sql: "select pg_get_functiondef($1::regproc)", params: [routine] });
  if (source === null || !source.includes(right)) throw new Error(`${routine} does not say: ${right}`);
  await database.change([{ sql: source.replace(right, wrong) }]);
  return () => database.change([{ sql: source }]);
}
