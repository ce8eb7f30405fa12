import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { migrate as drizzleMigrate } from "drizzle-orm/neon-http/migrator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { MigrationError, migrate } from "../../src/local/postgres/migrate.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import { openRaceDatabase, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import { type RealPostgres, startRealPostgres, whyNoRealPostgres } from "../support/real-postgres.ts";

neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

const first = "create table one (id int);\n--> statement-breakpoint\ninsert into one values (1);";
const second = "create table two (id int);--> statement-breakpoint\n";
const missing = whyNoRealPostgres();

let root: string;
let serverForAll: TestDatabase | null;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "pantheon-migrations-"));
  serverForAll = await openRaceDatabase({ migrationsFolder: join(root, "none") });
});
afterAll(async () => {
  await serverForAll?.stop();
  rmSync(root, { recursive: true, force: true });
});

for (const { title, isMissing, open } of databaseKinds) {
  describe.skipIf(isMissing)(`migrate over ${title}`, () => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await open({ migrationsFolder: join(root, "none") });
    });
    afterEach(() => database.stop());

    it("applies nothing from a folder that does not exist, and makes no books", async () => {
      expect(await migrate(database.backend, join(root, "none"))).toEqual({ applied: 0 });
      expect(await column(database.backend, "select to_regnamespace('drizzle')")).toEqual([null]);
    });

    it("applies each migration once, then only what is new", async () => {
      expect(await migrate(database.backend, writeMigrations({ first }))).toEqual({ applied: 1 });
      const both = writeMigrations({ first, second });
      expect(await migrate(database.backend, both)).toEqual({ applied: 1 });
      expect(await migrate(database.backend, both)).toEqual({ applied: 0 });
      expect(await column(database.backend, "select id from one")).toEqual(["1"]);
      expect(await column(database.backend, "select id from two")).toEqual([]);
    });

    it("keeps books with which drizzle's own migrator finds nothing to do, and the other way round", async () => {
      const orm = drizzle(neon(database.connectionString));
      const folder = writeMigrations({ first });
      await migrate(database.backend, folder);
      await drizzleMigrate(orm, { migrationsFolder: folder });
      await drizzleMigrate(orm, { migrationsFolder: writeMigrations({ first, second: "create table two (id int)" }) });
      const both = writeMigrations({ first, second: "create table two (id int)" });
      expect(await migrate(database.backend, both)).toEqual({ applied: 0 });
      expect(await column(database.backend, "select created_at from drizzle.__drizzle_migrations order by id")).toEqual(
        ["1000", "2000"],
      );
    });

    it("refuses a migration that was edited after it was applied", async () => {
      await migrate(database.backend, writeMigrations({ first }));
      const failure = await errorOf(migrate(database.backend, writeMigrations({ first: `${first} `, second })));
      expect(failure).toBeInstanceOf(MigrationError);
      expect(failure).toMatchObject({ message: expect.stringContaining("first was edited after it was applied") });
      expect(await column(database.backend, "select to_regclass('two')")).toEqual([null]);
    });

    it("refuses books that it does not begin, says what to do, and leaves them as they are", async () => {
      await migrate(database.backend, writeMigrations({ before: first }, 500));
      const failure = await errorOf(migrate(database.backend, writeMigrations({ baseline: second })));
      expect(failure).toBeInstanceOf(MigrationError);
      expect(failure).toMatchObject({
        message: expect.stringMatching(/that baseline has replaced: name an empty one, or/),
      });
      expect(await column(database.backend, "select to_regclass('two')")).toEqual([null]);
      expect(await column(database.backend, "select created_at from drizzle.__drizzle_migrations")).toEqual(["500"]);
    });

    it("rolls a failing migration back whole, keeps those before it, and names it", async () => {
      const broken = "create table half (id int);--> statement-breakpoint\nselect nope;";
      const failure = await errorOf(migrate(database.backend, writeMigrations({ first, broken })));
      expect(failure).toMatchObject({ message: expect.stringMatching(/broken.*rolled back.*"nope"/) });
      expect(await column(database.backend, "select to_regclass('half')")).toEqual([null]);
      expect(await migrate(database.backend, writeMigrations({ first, broken: second }))).toEqual({ applied: 1 });
    });

    it("applies each once when several run at the same time", async () => {
      const folder = writeMigrations({ first, second });
      const runs = await Promise.all(Array.from({ length: 5 }, () => migrate(database.backend, folder)));
      expect(runs.reduce((sum, { applied }) => sum + applied, 0)).toBe(2);
      expect(await column(database.backend, "select id from one")).toEqual(["1"]);
    });
  });
}

describe("the project's own migrations", () => {
  it.each(databaseKinds.filter(({ isMissing }) => !isMissing))(
    "apply on $title as the powerless owner",
    async ({ open }) => {
      const { backend, stop } = await open();
      expect(await migrate(backend)).toEqual({ applied: 0 });
      await stop();
    },
  );

  it.each(databaseKinds.filter(({ isMissing }) => !isMissing))(
    "let no session of theirs compile queries, on $title",
    async ({ open }) => {
      const { backend, stop } = await open({ migrationsFolder: join(root, "none") });
      await migrate(backend);
      const kept = `select unnest(setconfig) from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())`;
      expect(await column(backend, kept)).toEqual(["jit=off"]);
      await stop();
    },
  );

  it("come from the cache for every database after the first, each its own copy", async () => {
    const migrationsFolder = writeMigrations({ first });
    const one = await openTestDatabase({ migrationsFolder });
    const other = await openTestDatabase({ migrationsFolder });
    await one.backend.run({ sql: "delete from one" });
    expect(await column(other.backend, "select id from one")).toEqual(["1"]);
    await Promise.all([one.stop(), other.stop()]);
  });
});

describe.skipIf(missing !== undefined)(
  `the migration program${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    let postgres: RealPostgres;
    beforeAll(async () => {
      const started = await startRealPostgres();
      if (started === null) throw new Error("no real Postgres on this machine");
      postgres = started;
    });
    afterAll(() => postgres.stop());

    it("migrates DATABASE_URL, says so in one line, and has nothing to do the second time", async () => {
      expect((await runProgram(postgres.url)).stdout).toMatch(/^migrations applied: [1-9]\d*\n$/);
      expect((await runProgram(postgres.url)).stdout).toBe("migrations applied: 0\n");
      const backend = await openServer(postgres.url);
      expect(await column(backend, "select count(*) > 0 from drizzle.__drizzle_migrations")).toEqual(["t"]);
      await backend.close();
    });

    it("fails with one line that hides the password", async () => {
      const wrong = postgres.url.replace(/:[^:@]+@/, ":secret-word@");
      const failure = await errorOf(runProgram(wrong));
      expect(failure).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^migrations failed: password auth.*\n$/),
      });
      expect(failure).not.toMatchObject({ stderr: expect.stringContaining("secret-word") });
      expect(await errorOf(runProgram("mysql://nope"))).toMatchObject({ code: 1 });
    });
  },
);

function writeMigrations(texts: Readonly<Record<string, string>>, apart = 1000): string {
  const folder = mkdtempSync(join(root, "set-"));
  mkdirSync(join(folder, "meta"));
  const tags = Object.keys(texts);
  for (const tag of tags) writeFileSync(join(folder, `${tag}.sql`), texts[tag] ?? "");
  const entries = tags.map((tag, idx) => ({ idx, version: "7", when: apart * (idx + 1), tag, breakpoints: true }));
  writeFileSync(join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  return folder;
}

async function column(backend: SqlBackend, sql: string): Promise<readonly (string | null | undefined)[]> {
  const { rows } = await backend.run({ sql });
  return rows.map(([value]) => value);
}

function runProgram(url: string) {
  const program = fileURLToPath(new URL("../../src/local/migrate-cli.ts", import.meta.url));
  return promisify(execFile)(process.execPath, [program], { env: { PATH: process.env.PATH, DATABASE_URL: url } });
}
