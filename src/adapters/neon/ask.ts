import type { SQL } from "drizzle-orm";
import type { Caller } from "../../ports/caller.ts";
import type { Database } from "./database.ts";

/** The one value that a function of the database answers, asked as the system. */
export async function askSystem<T>(database: Database, statement: SQL): Promise<T> {
  const [{ rows }] = await database.asSystem([database.query.execute<{ readonly answer: T }>(statement)]);
  return answerOf(rows);
}

/** The same, asked as a user. */
export async function askCaller<T>(database: Database, caller: Caller, statement: SQL): Promise<T> {
  const [{ rows }] = await database.asCaller(caller, [database.query.execute<{ readonly answer: T }>(statement)]);
  return answerOf(rows);
}

function answerOf<T>(rows: readonly { readonly answer: T }[]): T {
  const answer = rows[0]?.answer;
  if (answer === undefined) throw new Error("a function of the database returned no row");
  return answer;
}
