import type { SQL } from "drizzle-orm";
import type { Caller } from "../../ports/caller.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import type { Database } from "./database.ts";

/** The one value that a statement answers, asked as the system; null where there is no row. */
export async function askSystem<T>(database: Database, statement: SQL, answer: Answer<T>): Promise<T> {
  const [{ rows }] = await database.asSystem([database.query.execute(statement)]);
  return parseAnswer(answer, rows[0]?.answer ?? null);
}

/** The same, asked as a user. */
export async function askCaller<T>(database: Database, caller: Caller, statement: SQL, answer: Answer<T>): Promise<T> {
  const [value] = await askAll(database, caller, [statement]);
  return parseAnswer(answer, value);
}

/** What each of several statements answers, in one transaction. */
export async function askAll(
  database: Database,
  caller: Caller,
  statements: readonly SQL[],
): Promise<readonly unknown[]> {
  const results = await database.asCaller(
    caller,
    statements.map((statement) => database.query.execute(statement)),
  );
  return results.map(({ rows }) => rows[0]?.answer ?? null);
}
