import { migrate } from "../../src/local/postgres/migrate.ts";
import { ownerRole } from "../../src/local/postgres/owner-role.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import { type RealPostgres, startRealPostgres, withClient } from "./real-postgres.ts";

export interface RaceServer {
  readonly url: string;
  /** The superuser's, of the same database. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

interface SharedServer {
  readonly postgres: RealPostgres;
  readonly templateByFolder: Map<string, Promise<string>>;
}

let shared: Promise<SharedServer | null> | undefined;
let databases = 0;

/** A fresh migrated database on the one server of this process, which ends with it. */
export async function openRaceServer(migrationsFolder: string): Promise<RaceServer | null> {
  shared ??= startShared();
  const server = await shared;
  if (server === null) return null;
  const url = await createDatabase(server, migrationsFolder);
  const adminUrl = withDatabase(server.postgres.adminUrl, databaseOf(url));
  return { url, adminUrl, stop: async () => undefined };
}

async function startShared(): Promise<SharedServer | null> {
  const postgres = await startRealPostgres();
  return postgres && { postgres, templateByFolder: new Map() };
}

async function createDatabase({ postgres, templateByFolder }: SharedServer, folder: string): Promise<string> {
  const template = templateByFolder.get(folder) ?? createTemplate(postgres, folder);
  templateByFolder.set(folder, template);
  return createOwned(postgres, await template);
}

async function createTemplate(postgres: RealPostgres, folder: string): Promise<string> {
  const url = await createOwned(postgres, "template1");
  const backend = await openServer(url);
  try {
    await migrate(backend, folder);
  } finally {
    await backend.close();
  }
  return databaseOf(url);
}

async function createOwned(postgres: RealPostgres, template: string): Promise<string> {
  databases += 1;
  const name = `race_${databases}`;
  await withClient(postgres.adminUrl, async (client) => {
    await client.query(`create database ${name} template ${template} owner ${ownerRole}`);
  });
  return withDatabase(postgres.url, name);
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function withDatabase(url: string, name: string): string {
  return new URL(`/${name}`, url).href;
}
