import { openRaceDatabase, openTestDatabase, type TestDatabase, type TestDatabaseOptions } from "./database.ts";
import { whyNoRealPostgres } from "./real-postgres.ts";

export interface DatabaseKind {
  readonly title: string;
  readonly isMissing: boolean;
  open(options?: TestDatabaseOptions): Promise<TestDatabase>;
}

const missing = whyNoRealPostgres();

/** For suites that must hold on both; a missing server is said in the suite's title. */
export const databaseKinds: readonly DatabaseKind[] = [
  { title: "PGlite", isMissing: false, open: openTestDatabase },
  {
    title: missing === undefined ? "a real server" : `a real server (skipped: ${missing})`,
    isMissing: missing !== undefined,
    open: openServerDatabase,
  },
];

async function openServerDatabase(options?: TestDatabaseOptions): Promise<TestDatabase> {
  const database = await openRaceDatabase(options);
  if (database === null) throw new Error("no real Postgres on this machine");
  return database;
}
