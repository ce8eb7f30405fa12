import { sql } from "drizzle-orm";
import type { StepEngine } from "../../ports/steps.ts";
import { claimAnswer, commitAnswer, failAnswer, sweepAnswer } from "./answers/step-answers.ts";
import { askSystem } from "./ask.ts";
import type { Database } from "./database.ts";

/** Claim, commit and sweep are functions of the database: one statement, one round trip each. */
export function createStepEngine(database: Database): StepEngine {
  return {
    claim: (request) =>
      askSystem(database, sql`select pantheon_claim_step(${JSON.stringify(request)}::jsonb) as answer`, claimAnswer),
    commit: (commit) =>
      askSystem(database, sql`select pantheon_commit_step(${JSON.stringify(commit)}::jsonb) as answer`, commitAnswer),
    failTurn: (turn, error) =>
      askSystem(
        database,
        sql`select pantheon_fail_turn(${turn}::uuid, ${JSON.stringify(error)}::jsonb) as answer`,
        failAnswer,
      ),
    sweep: (limit) => askSystem(database, sql`select pantheon_sweep(${limit}::int) as answer`, sweepAnswer),
  };
}
