import { sql } from "drizzle-orm";
import type { Claim, Committed, StepStore } from "../../ports/steps.ts";
import type { Letter } from "../../ports/turns.ts";
import { askSystem } from "./ask.ts";
import type { Database } from "./database.ts";

/** Claim, commit and sweep are functions of the database: one statement, one round trip each. */
export function createStepStore(database: Database): StepStore {
  return {
    claim: (request) =>
      askSystem<Claim>(database, sql`select pantheon_claim_step(${JSON.stringify(request)}::jsonb) as answer`),
    commit: (commit) =>
      askSystem<Committed>(database, sql`select pantheon_commit_step(${JSON.stringify(commit)}::jsonb) as answer`),
    failTurn: (turn, error) =>
      askSystem<readonly Letter[]>(
        database,
        sql`select pantheon_fail_turn(${turn}::uuid, ${JSON.stringify(error)}::jsonb) as answer`,
      ),
    sweep: (limit) => askSystem<readonly Letter[]>(database, sql`select pantheon_sweep(${limit}::int) as answer`),
  };
}
