import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SqlError } from "../../src/local/postgres/backend.ts";
import { FolderInUseError } from "../../src/local/postgres/folder-lock.ts";
import { openPglite, PgliteCorruptError } from "../../src/local/postgres/pglite.ts";
import { openTestDatabase } from "../support/database.ts";
import { errorOf } from "../support/error-of.ts";

describe("PGlite in a folder", () => {
  let root: string;
  let seed: string;
  let dump: Blob;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "pantheon-pglite-"));
    seed = join(root, "deep", "seed");
    const backend = await openPglite({ dataDir: seed });
    await backend.run({ sql: "create table items (id int)" });
    await backend.run({ sql: "insert into items values ($1)", params: ["1"] });
    dump = await backend.dump();
    await backend.close();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("keeps its data and its powerless owner over a restart", async () => {
    const backend = await openPglite({ dataDir: copyOfSeed("restart") });
    const { rows } = await backend.run({
      sql: "select id, rolsuper, rolbypassrls, rolcreaterole from items, pg_roles where rolname = current_user",
    });
    expect(rows).toEqual([["1", "f", "f", "t"]]);
    expect(await errorOf(backend.run({ sql: "create role evil superuser" }))).toBeInstanceOf(SqlError);
    await backend.close();
  });

  it.each([
    ["global/pg_control is gone", (folder: string) => rmSync(join(folder, "global/pg_control"))],
    ["global/pg_control is junk", (folder: string) => writeFileSync(join(folder, "global/pg_control"), "junk")],
    ["PG_VERSION is gone", (folder: string) => rmSync(join(folder, "PG_VERSION"))],
    ["PG_VERSION is another", (folder: string) => writeFileSync(join(folder, "PG_VERSION"), "9\n")],
    ["the write-ahead log is gone", (folder: string) => rmSync(join(folder, "pg_wal"), { recursive: true })],
    ["the tables are gone", (folder: string) => rmSync(join(folder, "base"), { recursive: true })],
    ["a file stands in its place", fileInstead],
  ])("says which folder cannot be opened when %s, and touches nothing", async (title, harm) => {
    const dataDir = copyOfSeed(title.replaceAll(/\W/g, "-"));
    harm(dataDir);
    const failure = await errorOf(openPglite({ dataDir }));
    expect(failure).toBeInstanceOf(PgliteCorruptError);
    expect(failure).toMatchObject({ dataDir, message: expect.stringContaining(dataDir) });
    expect(existsSync(dataDir)).toBe(true);
    expect(existsSync(`${dataDir}.lock`)).toBe(false);
  });

  it("refuses a folder that a live process uses, and takes over a dead one's", async () => {
    const dataDir = copyOfSeed("locked");
    const backend = await openPglite({ dataDir });
    const failure = await errorOf(openPglite({ dataDir }));
    expect(failure).toBeInstanceOf(FolderInUseError);
    expect(failure).toMatchObject({ message: expect.stringContaining(`process ${process.pid}`) });
    await backend.close();
    writeFileSync(`${dataDir}.lock`, String(process.ppid));
    expect(await errorOf(openPglite({ dataDir }))).toBeInstanceOf(FolderInUseError);
    writeFileSync(`${dataDir}.lock`, String(await pidOfEndedProcess()));
    const again = await openPglite({ dataDir });
    expect(readFileSync(`${dataDir}.lock`, "utf8")).toBe(String(process.pid));
    await again.close();
    expect(existsSync(`${dataDir}.lock`)).toBe(false);
  });

  it("starts afresh when a first start was cut off half-way", async () => {
    const dataDir = join(root, "cut-off");
    mkdirSync(`${dataDir}.unfinished`);
    writeFileSync(join(`${dataDir}.unfinished`, "PG_VERSION"), "18\n");
    const backend = await openPglite({ dataDir, loadDataDir: dump });
    expect((await backend.run({ sql: "select id from items" })).rows).toEqual([["1"]]);
    await backend.close();
    expect(existsSync(`${dataDir}.unfinished`)).toBe(false);
  });

  it("has every acknowledged row after its process was killed while writing", async () => {
    const dataDir = copyOfSeed("killed");
    const acknowledged = await writeUntilKilled(dataDir, 50);
    const backend = await openPglite({ dataDir });
    const { rows } = await backend.run({
      sql: "select count(distinct id)::int >= $1 from items",
      params: [acknowledged],
    });
    expect(rows).toEqual([["t"]]);
    await backend.close();
  });

  it("starts from a dump, once", async () => {
    const dataDir = join(root, "loaded");
    const backend = await openPglite({ dataDir, loadDataDir: dump });
    expect((await backend.run({ sql: "select id from items" })).rows).toEqual([["1"]]);
    await backend.close();
    expect(await errorOf(openPglite({ dataDir, loadDataDir: dump }))).toMatchObject({
      message: expect.stringContaining("it holds a database"),
    });
  });

  function copyOfSeed(name: string): string {
    const folder = join(root, name);
    cpSync(seed, folder, { recursive: true });
    return folder;
  }
});

describe("the sealed superuser", () => {
  it("cannot be reached by any way back to the role PGlite logs in as", async () => {
    const { backend, stop } = await openTestDatabase({ migrationsFolder: "/nonexistent/migrations" });
    const ways = [
      "reset session authorization",
      "set session authorization default",
      "set session authorization postgres",
      "set local session authorization postgres",
      "select set_config('session_authorization', 'postgres', false)",
      "set role none",
      "discard all",
    ];
    const attacks = [
      "create role evil superuser",
      "alter role pantheon_owner superuser",
      "update pg_authid set rolsuper = true",
      "set role pantheon_root",
      "set session authorization pantheon_root",
      "grant pantheon_root to pantheon_owner",
      "select pg_catalog.pantheon_unseal()",
      "copy (select 1) to '/tmp/pantheon-unsealed'",
    ];
    for (const attack of attacks) {
      for (const way of ways.filter((candidate) => candidate !== "discard all")) {
        const failure = await errorOf(backend.runBatch([{ sql: way }, { sql: attack }]));
        expect([way, attack, failure]).toMatchObject([way, attack, { details: { code: "42501" } }]);
      }
    }
    for (const way of ways) {
      await backend.run({ sql: way });
      const { rows } = await backend.run({ sql: "select session_user, current_user, current_setting('is_superuser')" });
      expect([way, rows]).toEqual([way, [["pantheon_owner", "pantheon_owner", "off"]]]);
    }
    await stop();
  });

  it("runs statements one after another, whatever was asked at once", async () => {
    const { backend, stop } = await openTestDatabase({ migrationsFolder: "/nonexistent/migrations" });
    await backend.run({ sql: "create table counter as select 0 as value" });
    await Promise.all(
      Array.from({ length: 20 }, () =>
        backend.runBatch([{ sql: "select value from counter" }, { sql: "update counter set value = value + 1" }]),
      ),
    );
    expect((await backend.run({ sql: "select value from counter" })).rows).toEqual([["20"]]);
    await stop();
  });
});

function fileInstead(folder: string): void {
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "not a folder");
}

async function pidOfEndedProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid ?? 0;
}

/** Returns the last id whose insert was acknowledged before the kill. */
async function writeUntilKilled(dataDir: string, rows: number): Promise<string> {
  const writer = fileURLToPath(new URL("../support/pglite-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [writer, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let last = "0";
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (Number(line) === rows) child.kill("SIGKILL");
  }
  await exited;
  return last;
}
