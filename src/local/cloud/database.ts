import { join } from "node:path";
import type { SqlBackend } from "../postgres/backend.ts";
import { MigrationError, migrate } from "../postgres/migrate.ts";
import { openPglite } from "../postgres/pglite.ts";
import { openServer } from "../postgres/server.ts";
import { DataFolderError, reasonOf } from "./data-folder.ts";

/** LOCAL_POSTGRES_URL names no server that lets us in. */
export class DatabaseServerError extends Error {
  override readonly name = "DatabaseServerError";
}

export interface DatabaseOptions {
  /** In memory when null. */
  readonly dataFolder: string | null;
  /** Any Postgres instead of PGlite. */
  readonly databaseUrl?: string | undefined;
}

/** The database with every migration applied. */
export async function openDatabase({ dataFolder, databaseUrl }: DatabaseOptions): Promise<SqlBackend> {
  const backend = await (databaseUrl === undefined ? openFolder(dataFolder) : openUrl(databaseUrl));
  try {
    await migrate(backend);
    return backend;
  } catch (error) {
    await backend.close();
    throw error instanceof MigrationError ? error : unusable(error, databaseUrl);
  }
}

function unusable(error: unknown, databaseUrl: string | undefined): Error {
  const reason = reasonOf(error);
  return databaseUrl === undefined
    ? new DataFolderError(reason, { cause: error })
    : new DatabaseServerError(reason, { cause: error });
}

function openFolder(dataFolder: string | null): Promise<SqlBackend> {
  return openPglite(dataFolder === null ? {} : { dataDir: join(dataFolder, "postgres") });
}

async function openUrl(databaseUrl: string): Promise<SqlBackend> {
  try {
    return await openServer(databaseUrl);
  } catch (error) {
    throw unusable(error, databaseUrl);
  }
}
