import { neon, neonConfig } from "@neondatabase/serverless";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import type { Caller } from "../../ports/caller.ts";
import { afterFirst, asBatch, type Item, type Results } from "./batch.ts";
import { toPantheonError } from "./errors.ts";

export interface DatabaseConfig {
  readonly connectionString: string;
  readonly fetchEndpoint: string | null;
  readonly signupGrantUnits: bigint;
  readonly timeoutMs: number;
}

export type Drizzle = ReturnType<typeof drizzle>;

/** One batch is one transaction and one round trip; the role and the user are set inside it. */
export interface Database {
  readonly query: Drizzle;
  asCaller<T extends readonly Item[]>(caller: Caller, items: readonly [...T]): Promise<Results<T>>;
  asSystem<T extends readonly Item[]>(items: readonly [...T]): Promise<Results<T>>;
}

/** The user of the transaction, whoever proved it: a token or a key. */
export const currentUser = sql`pantheon_user_id()`;

const endpointByServer = new Map<string, string>();

export function createDatabase(config: DatabaseConfig): Database {
  routeDriver(config);
  const query = drizzle(neon(config.connectionString));
  return {
    query,
    asCaller: (caller, items) =>
      run(query, [enterRole(query, "pantheon_app"), authenticate(query, caller, config.signupGrantUnits)], items),
    asSystem: (items) => run(query, [enterRole(query, "pantheon_system")], items),
  };
}

function authenticate(query: Drizzle, caller: Caller, signupGrantUnits: bigint) {
  if (caller.kind === "user") {
    const grantUnits = caller.isEmailConfirmed ? signupGrantUnits.toString() : null;
    return query.execute(
      sql`select * from pantheon_authenticate_user(${caller.userId}, ${caller.email}, ${grantUnits}::bigint)`,
    );
  }
  return query.execute(
    sql`select * from pantheon_authenticate_key(${caller.short}, ${caller.secretHash}, ${caller.scope})`,
  );
}

function enterRole(query: Drizzle, role: "pantheon_app" | "pantheon_system") {
  return query.execute(
    sql`select set_config('role', ${role}, true), set_config('lock_timeout', '4000', true), set_config('statement_timeout', '8000', true)`,
  );
}

async function run<T extends readonly Item[]>(
  query: Drizzle,
  first: Item[],
  items: readonly [...T],
): Promise<Results<T>> {
  try {
    const results = await query.batch(asBatch([...first, ...items]));
    return afterFirst<T>(results, first.length);
  } catch (error) {
    throw toPantheonError(error);
  }
}

/** The driver knows one endpoint and one fetch for all; this keeps one per server, and bounds every request. */
function routeDriver(config: DatabaseConfig): void {
  if (config.fetchEndpoint !== null) {
    endpointByServer.set(serverOf(config.connectionString), config.fetchEndpoint);
    neonConfig.fetchEndpoint = (host, port) => endpointByServer.get(`${host}:${port || 5432}`) ?? neonEndpoint(host);
  }
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(config.timeoutMs) });
}

function serverOf(connectionString: string): string {
  const { hostname, port } = new URL(connectionString);
  return `${hostname}:${port || 5432}`;
}

function neonEndpoint(host: string): string {
  return `https://${host.replace(/^[^.]+\./, "api.")}/sql`;
}
