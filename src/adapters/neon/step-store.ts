import { sql } from "drizzle-orm";
import type { Claim, Committed, StepStore } from "../../ports/steps.ts";
import type { Letter } from "../../ports/turns.ts";
import type { Database } from "./database.ts";

/** Claim, commit and sweep are functions of the database: one statement, one round trip each. */
export function createStepStore(database: Database): StepStore {
  return {
    claim: (request) =>
      ask<Claim>(database, sql`select pantheon_claim_step(${JSON.stringify(request)}::jsonb) as answer`),
    commit: (commit) =>
      ask<Committed>(database, sql`select pantheon_commit_step(${JSON.stringify(commit)}::jsonb) as answer`),
    failTurn: (turn, error) =>
      ask<readonly Letter[]>(
        database,
        sql`select pantheon_fail_turn(${turn}::uuid, ${JSON.stringify(error)}::jsonb) as answer`,
      ),
    sweep: (limit) => ask<readonly Letter[]>(database, sql`select pantheon_sweep(${limit}::int) as answer`),
  };
}

async function ask<T>(database: Database, statement: ReturnType<typeof sql>): Promise<T> {
  const [{ rows }] = await database.asSystem([database.query.execute<{ readonly answer: T }>(statement)]);
  const answer = rows[0]?.answer;
  if (answer === undefined) throw new Error("a function of the database returned no row");
  return answer;
}
