import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { reconcile } from "../../src/local/postgres/reconcile.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import { type Books, keepHonestBooks } from "../support/honest-books.ts";
import { openRaceServer } from "../support/race-server.ts";
import { whyNoRealPostgres } from "../support/real-postgres.ts";
import { loosen, rowsOf } from "../support/tenant-rows.ts";
import { tamperings } from "./reconcile/tamperings.ts";

describe.each(databaseKinds)("money on $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!isMissing) database = await open();
  });
  afterAll(() => database?.stop());

  it.skipIf(isMissing)("has no mismatch where there is none at all, and says that it saw nothing", async () => {
    const nothing = { accounts: 0, entries: 0, holds: 0, calls: 0, mismatches: 0, shown: [] };
    expect(await reconcile(database.backend)).toEqual(nothing);
  });

  it.skipIf(isMissing)("has no mismatch in honest books", async () => {
    await keepHonestBooks(database.backend);
    await keepHonestBooks(database.backend);
    const seen = { accounts: 12, entries: 30, holds: 4, calls: 4, mismatches: 0, shown: [] };
    expect(await reconcile(database.backend)).toEqual(seen);
  });

  it.skipIf(isMissing)("is shown to no user, not even their own", async () => {
    const look = [{ sql: "set local role pantheon_app" }, { sql: "select * from pantheon_money_mismatches" }];
    expect(await errorOf(database.backend.runBatch(look))).toMatchObject({ details: { code: "42501" } });
  });
});

describe.each(databaseKinds)("what somebody with every right has done to $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (isMissing) return;
    database = await open();
  });
  afterAll(() => database?.stop());

  it.skipIf(isMissing)("is told of its own user, and of nobody else", async () => {
    const pairs = [];
    for (const tampering of tamperings) pairs.push({ ...tampering, books: await keepHonestBooks(database.backend) });
    await takeAllGuardsAway(database);
    expect((await reconcile(database.backend)).mismatches).toBe(0);
    for (const { title, sql, told, books } of pairs) {
      await database.backend.run({ sql: sql(books) });
      expect([title, await mismatchesOf(database, books)]).toEqual([title, sorted(told(books))]);
    }
    const { mismatches, shown } = await reconcile(database.backend);
    expect(mismatches).toBe(pairs.reduce((sum, { told, books }) => sum + told(books).length, 0));
    expect(shown).toHaveLength(20);
    expect(pairs.map(({ books }) => books.owner)).toEqual(
      expect.arrayContaining(shown.map(({ owner_id }) => owner_id)),
    );
  });
});

type Told = readonly (readonly [string, bigint, bigint])[];

function sorted(told: Told): readonly (readonly string[])[] {
  return told.map((row) => row.map(String)).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

function mismatchesOf({ backend }: TestDatabase, { owner }: Books) {
  const sql = `select what, expected, found from pantheon_money_mismatches where owner_id = $1 order by what collate "C"`;
  return rowsOf(backend, sql, [owner]);
}

/** As the owner of the tables can: no check, no trigger, no row security. */
async function takeAllGuardsAway({ backend }: TestDatabase): Promise<void> {
  await loosen(backend);
  const tables = await rowsOf(
    backend,
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity",
  );
  for (const [name] of tables) await backend.run({ sql: `alter table "${name}" disable row level security` });
}

describe("npm run reconcile", () => {
  const program = fileURLToPath(new URL("../../src/local/reconcile.ts", import.meta.url));
  const run = (DATABASE_URL: string) =>
    promisify(execFile)(process.execPath, [program], { env: { PATH: process.env.PATH, DATABASE_URL } });

  it.each(["", "mysql://nope", "nonsense"])("wants to know of a Postgres: %j", async (url) => {
    expect(await errorOf(run(url))).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "reconcile failed: DATABASE_URL must be a postgresql:// URL\n",
    });
  });

  const missing = whyNoRealPostgres();
  const onServer = missing === undefined ? "" : ` (skipped: ${missing})`;
  it.skipIf(missing !== undefined)(
    `says in one line that all is well, or what is not, and ends so${onServer}`,
    async () => {
      const server = await openRaceServer(defaultMigrationsFolder);
      if (server === null) throw new Error("no real Postgres on this machine");
      const backend = await openServer(server.url);
      const { owner } = await keepHonestBooks(backend);
      const well = { accounts: 6, entries: 15, holds: 2, calls: 2, mismatches: 0, shown: [] };
      expect(await run(server.url)).toEqual({ stdout: `${JSON.stringify(well)}\n`, stderr: "" });
      const sql = "update accounts set balance_units = balance_units - 1 where kind = 'revenue'";
      await backend.runBatch([{ sql: "set local role pantheon_system" }, { sql }]);
      const shown = [{ owner_id: owner, what: "balance revenue", expected: "84", found: "83" }];
      const revenue = { owner_id: owner, what: "revenue", expected: "84", found: "83" };
      expect(await errorOf(run(server.url))).toMatchObject({
        code: 1,
        stdout: `${JSON.stringify({ ...well, mismatches: 2, shown: [...shown, revenue] })}\n`,
      });
      await backend.close();
      await server.stop();
    },
  );
});
