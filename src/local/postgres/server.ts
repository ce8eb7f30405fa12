import type { EventEmitter } from "node:events";
import pg from "pg";
import {
  type BatchOptions,
  beginStatement,
  pickSqlErrorDetails,
  type SqlBackend,
  SqlError,
  type SqlErrorDetails,
  type SqlResult,
  type SqlStatement,
} from "./backend.ts";

const maxConnections = 60;
const rawText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/** Any Postgres by its URL, over the wire protocol. */
export async function openServer(url: string): Promise<SqlBackend> {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections });
  // The statement fails and the pool replaces the connection; an error that nobody listens to would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("connect", endCopyFromClient);
  try {
    await withSession(pool, (client) => execute(client, { sql: "select 1" }));
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    run: (statement) => withSession(pool, (client) => execute(client, statement)),
    runBatch: (statements, options) => withSession(pool, (client) => executeBatch(client, statements, options)),
    close: () => pool.end(),
  };
}

/** node-postgres refuses COPY FROM STDIN but sends no Sync after it, without which the server never answers again. */
function endCopyFromClient(client: pg.PoolClient): void {
  const connection = connectionOf(client);
  connection.on("copyInResponse", () => connection.sync());
}

// Every node-postgres client holds one; only its type declarations leave it out.
function connectionOf(client: pg.PoolClient): EventEmitter & { sync(): void } {
  return (client as unknown as { readonly connection: EventEmitter & { sync(): void } }).connection;
}

async function withSession<Result>(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    return await use(client);
  } finally {
    client.release(!(await resetSession(client)));
  }
}

async function resetSession(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    await client.query("DISCARD ALL");
    return true;
  } catch {
    return false;
  }
}

async function executeBatch(
  client: pg.PoolClient,
  statements: readonly SqlStatement[],
  options?: BatchOptions,
): Promise<readonly SqlResult[]> {
  await execute(client, { sql: beginStatement(options) });
  const results: SqlResult[] = [];
  for (const statement of statements) results.push(await execute(client, statement));
  await execute(client, { sql: "COMMIT" });
  return results;
}

async function execute(client: pg.PoolClient, { sql, params = [] }: SqlStatement): Promise<SqlResult> {
  // node-postgres knows queryMode, its types do not: without it a statement with no parameters could hold several.
  const query = { text: sql, values: [...params], types: rawText, rowMode: "array" as const, queryMode: "extended" };
  try {
    return toResult(await client.query<(string | null)[]>(query));
  } catch (error) {
    throw toSqlError(error);
  }
}

function toResult({ command, rowCount, fields, rows }: pg.QueryArrayResult<(string | null)[]>): SqlResult {
  return {
    command: command ?? "",
    rowCount,
    fields: fields.map(({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier }) => ({
      name,
      dataTypeID,
      tableID,
      columnID,
      dataTypeSize,
      dataTypeModifier,
      format: "text" as const,
    })),
    rows,
  };
}

function toSqlError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new SqlError(error.message, pickSqlErrorDetails(error satisfies SqlErrorDetails), { cause: error });
}
