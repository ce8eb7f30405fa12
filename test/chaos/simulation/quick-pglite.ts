import { PGlite } from "@electric-sql/pglite";
import { beginStatement, type SqlBackend, type SqlResult } from "../../../src/local/postgres/backend.ts";
import { defaultMigrationsFolder } from "../../../src/local/postgres/migration-files.ts";
import { becomeOwner } from "../../../src/local/postgres/owner-role.ts";
import { execute } from "../../../src/local/postgres/pglite-wire.ts";
import { readDump } from "../../support/database.ts";

/**
 * A migrated PGlite that keeps its session between requests, and with it every plan: three times as fast. Only for
 * callers that change nothing outside their transactions and never run two requests at once.
 */
export async function openQuickPglite(): Promise<SqlBackend> {
  const database = await PGlite.create({ loadDataDir: await readDump(defaultMigrationsFolder) });
  await becomeOwner(database);
  await execute(database, { sql: "set synchronous_commit = off" });
  return {
    run: (statement) => execute(database, statement),
    async runBatch(statements, options) {
      const results: SqlResult[] = [];
      await execute(database, { sql: beginStatement(options) });
      try {
        for (const statement of statements) results.push(await execute(database, statement));
      } catch (error) {
        await execute(database, { sql: "ROLLBACK" });
        throw error;
      }
      await execute(database, { sql: "COMMIT" });
      return results;
    },
    close: () => database.close(),
  };
}
