import { messages, type PGlite, protocol } from "@electric-sql/pglite";
import { parseCommandTag, pickSqlErrorDetails, SqlError, type SqlResult, type SqlStatement } from "./backend.ts";

type BackendMessage = messages.BackendMessage;

const { serialize } = protocol;

/** Runs one statement by the extended protocol, so that values stay Postgres text and one string is one statement. */
export async function execute(database: PGlite, { sql, params = [] }: SqlStatement): Promise<SqlResult> {
  const request = Buffer.concat([
    serialize.parse({ text: sql }),
    serialize.bind({ values: [...params] }),
    serialize.describe({ type: "P" }),
    serialize.execute({}),
    // Ends a COPY FROM STDIN, which would otherwise read to the end of the stream and take the server down with it.
    serialize.copyFail("COPY FROM STDIN is not supported over HTTP"),
    serialize.sync(),
  ]);
  return toResult(await send(database, request));
}

const resetMessages = Buffer.concat(
  ["RESET ROLE", "DISCARD ALL", "SELECT session_user"].map((sql) => serialize.query(sql)),
);

/** Returns whom the session now runs as: a statement may have set its authorization to the role PGlite logged in as. */
export async function resetSession(database: PGlite): Promise<string | null | undefined> {
  if (database.isInTransaction()) await send(database, serialize.query("ROLLBACK"));
  const answers = await send(database, resetMessages);
  return answers.findLast((answer) => answer instanceof messages.DataRowMessage)?.fields[0];
}

async function send(database: PGlite, request: Uint8Array): Promise<readonly BackendMessage[]> {
  const { messages: answers } = await database.execProtocol(request, { throwOnError: false });
  const error = answers.find((answer) => answer instanceof messages.DatabaseError);
  if (error !== undefined) throw new SqlError(error.message, pickSqlErrorDetails(error), { cause: error });
  return answers;
}

function toResult(answers: readonly BackendMessage[]): SqlResult {
  const description = answers.find((answer) => answer instanceof messages.RowDescriptionMessage);
  const completion = answers.find((answer) => answer instanceof messages.CommandCompleteMessage);
  const rows = answers.filter((answer) => answer instanceof messages.DataRowMessage).map((row) => row.fields);
  const fields = (description?.fields ?? []).map((field) => ({
    name: field.name,
    dataTypeID: field.dataTypeID,
    tableID: field.tableID,
    columnID: field.columnID,
    dataTypeSize: field.dataTypeSize,
    dataTypeModifier: field.dataTypeModifier,
    format: "text" as const,
  }));
  return { ...parseCommandTag(completion?.text ?? ""), fields, rows };
}
