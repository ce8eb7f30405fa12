import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import { openRaceServer } from "../support/race-server.ts";
import { whyNoPlpgsqlCheck } from "../support/real-postgres.ts";
import { type Row, rowsOf } from "../support/tenant-rows.ts";

const missing = whyNoPlpgsqlCheck();

/** A trigger's function is checked with each table that it serves. */
const check = `select distinct p.oid::regprocedure, c.lineno, c.message, c.sqlstate
  from pg_proc p join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join pg_trigger t on t.tgfoid = p.oid
    cross join lateral plpgsql_check_function_tb(p.oid, coalesce(t.tgrelid, 0), newtable => t.tgnewtable,
      oldtable => t.tgoldtable, fatal_errors => false, other_warnings => false, extra_warnings => false,
      performance_warnings => false) as c
  where p.pronamespace = 'public'::regnamespace and c.level = 'error'`;

describe.skipIf(missing !== undefined)(`plpgsql_check${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  let backend: SqlBackend;
  let errors: () => Promise<readonly Row[]>;
  beforeAll(async () => {
    const server = await openRaceServer(defaultMigrationsFolder);
    if (server === null) throw new Error("no real Postgres on this machine");
    backend = await openServer(server.adminUrl);
    await backend.run({ sql: "create extension plpgsql_check schema pg_catalog" });
    errors = () => rowsOf(backend, check);
  });
  afterAll(() => backend?.close());

  it("finds no error in any function", async () => {
    const count =
      "select count(*) from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'public'::regnamespace and l.lanname = 'plpgsql'";
    const [[functions] = []] = await rowsOf(backend, count);
    expect(Number(functions)).toBeGreaterThan(30);
    expect(await errors()).toEqual([]);
  });

  it("finds a column that is not there, which Postgres takes as it is", async () => {
    await backend.run({
      sql: "create function misspelt() returns void language plpgsql as $$ begin update turns set stauts = 'failed'; end $$",
    });
    expect(await errors()).toEqual([
      ["misspelt()", "1", 'column "stauts" of relation "turns" does not exist', "42703"],
    ]);
  });
});
