import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NeonStandIn, startNeon } from "../../src/local/neon/start.ts";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { migrate } from "../../src/local/postgres/migrate.ts";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { ownerSetUpText } from "../../src/local/postgres/owner-role.ts";
import { openPglite } from "../../src/local/postgres/pglite.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import { openRaceServer } from "./race-server.ts";

export interface TestDatabase {
  readonly backend: SqlBackend;
  readonly neon: NeonStandIn;
  readonly connectionString: string;
  readonly fetchEndpoint: string;
  stop(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly migrationsFolder?: string;
}

const cacheFolder = fileURLToPath(new URL("../../node_modules/.cache/pantheon", import.meta.url));
const cacheName = /^pglite-[0-9a-f]+\.tar\.gz$/;
const keptCaches = 6;

/** PGlite with every migration applied, behind Neon's HTTP; one per call. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const folder = options.migrationsFolder ?? defaultMigrationsFolder;
  const backend = await openPglite({ loadDataDir: await readDump(folder) });
  return withNeon(backend, () => backend.close());
}

/** On a real server where there is one, which is faster; in PGlite elsewhere. */
export async function openAnyDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return (await openRaceDatabase(options)) ?? (await openTestDatabase(options));
}

/** The same on a real server, where statements truly run at once; null without server binaries. */
export async function openRaceDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase | null> {
  const server = await openRaceServer(options.migrationsFolder ?? defaultMigrationsFolder);
  if (server === null) return null;
  const backend = await openServer(server.url);
  return withNeon(backend, async () => {
    await backend.close();
    await server.stop();
  });
}

async function withNeon(backend: SqlBackend, closeBackend: () => Promise<void>): Promise<TestDatabase> {
  const neon = await startNeon({ backend, password: "test-password" });
  const stop = async () => {
    await neon.stop();
    await closeBackend();
  };
  return { backend, neon, connectionString: neon.connectionString, fetchEndpoint: neon.fetchEndpoint, stop };
}

export async function readDump(folder: string): Promise<File> {
  const path = join(cacheFolder, `pglite-${cacheKey(folder)}.tar.gz`);
  if (!existsSync(path)) await writeDump(path, folder);
  return new File([readFileSync(path)], "pgdata.tar.gz", { type: "application/x-gzip" });
}

async function writeDump(path: string, folder: string): Promise<void> {
  const backend = await openPglite();
  await migrate(backend, folder);
  const dump = await backend.dump();
  await backend.close();
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = `${path}.${process.pid}.${randomUUID()}`;
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
  renameSync(unfinished, path);
  dropOldCaches();
}

function dropOldCaches(): void {
  const caches = readdirSync(cacheFolder)
    .filter((name) => cacheName.test(name))
    .map((name) => ({ path: join(cacheFolder, name), writtenMs: statSync(join(cacheFolder, name)).mtimeMs }));
  caches.sort((a, b) => b.writtenMs - a.writtenMs);
  for (const { path } of caches.slice(keptCaches)) rmSync(path, { force: true });
}

function cacheKey(folder: string): string {
  const hash = createHash("sha256").update(pgliteVersion()).update(ownerSetUpText);
  for (const file of filesIn(folder)) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 24);
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  return readFileSync(join(entry, "../../package.json"), "utf8");
}
