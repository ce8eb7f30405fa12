import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { beginStatement, type SqlBackend, type SqlResult } from "./backend.ts";
import { lockFolder } from "./folder-lock.ts";
import { becomeOwner, ownerRole } from "./owner-role.ts";
import { execute, resetSession } from "./pglite-wire.ts";

export interface PgliteOpenOptions {
  /** In memory without it. */
  readonly dataDir?: string;
  /** A dump to start from; the folder must not exist yet. */
  readonly loadDataDir?: Blob | File;
}

export interface PgliteBackend extends SqlBackend {
  dump(): Promise<File | Blob>;
}

export class PgliteCorruptError extends Error {
  override readonly name = "PgliteCorruptError";
  readonly dataDir: string;

  constructor(dataDir: string, reason: string, options?: ErrorOptions) {
    super(
      `The database folder ${dataDir} cannot be opened (${reason}). Move it away or delete it to start afresh.`,
      options,
    );
    this.dataDir = dataDir;
  }
}

/** Postgres in this process, on one connection: requests queue. */
export async function openPglite(options: PgliteOpenOptions = {}): Promise<PgliteBackend> {
  if (options.dataDir === undefined) return toBackend(await start(options), () => undefined);
  const dataDir = resolve(options.dataDir);
  mkdirSync(dirname(dataDir), { recursive: true });
  const unlock = lockFolder(dataDir);
  try {
    return toBackend(await openFolder(dataDir, options.loadDataDir), unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openFolder(dataDir: string, loadDataDir?: Blob): Promise<PGlite> {
  if (isAbsentOrEmpty(dataDir)) await createFolder(dataDir, loadDataDir);
  else if (loadDataDir !== undefined) throw new Error(`A dump cannot be loaded into ${dataDir}: it holds a database.`);
  if (!existsSync(join(dataDir, "PG_VERSION"))) throw new PgliteCorruptError(dataDir, "PG_VERSION is missing");
  try {
    return await start({ dataDir });
  } catch (error) {
    throw new PgliteCorruptError(dataDir, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function isAbsentOrEmpty(dataDir: string): boolean {
  if (!existsSync(dataDir)) return true;
  if (!statSync(dataDir).isDirectory()) throw new PgliteCorruptError(dataDir, "it is not a folder");
  return readdirSync(dataDir).length === 0;
}

/** A process killed during its first start leaves only the unfinished copy, which the next start throws away. */
async function createFolder(dataDir: string, loadDataDir?: Blob): Promise<void> {
  const unfinished = `${dataDir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const database = await start({ dataDir: unfinished, ...(loadDataDir && { loadDataDir }) });
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(unfinished, dataDir);
}

async function start(options: PGliteOptions): Promise<PGlite> {
  const database = await PGlite.create({ ...options, initDbStartParams: ["--wal-segsize=1"] });
  await becomeOwner(database);
  return database;
}

function toBackend(database: PGlite, afterClose: () => void): PgliteBackend {
  const queue = createQueue();
  const inCleanSession = <Result>(use: () => Promise<Result>) =>
    queue(async () => {
      try {
        return await use();
      } finally {
        if ((await resetSession(database)) !== ownerRole) await becomeOwner(database);
      }
    });
  return {
    run: (statement) => inCleanSession(() => execute(database, statement)),
    runBatch: (statements, options) =>
      inCleanSession(async () => {
        await execute(database, { sql: beginStatement(options) });
        const results: SqlResult[] = [];
        for (const statement of statements) results.push(await execute(database, statement));
        await execute(database, { sql: "COMMIT" });
        return results;
      }),
    dump: () => queue(() => database.dumpDataDir("gzip")),
    close: () => queue(() => database.close()).finally(afterClose),
  };
}

function createQueue(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task, task);
    last = next.catch(() => undefined);
    return next;
  };
}
