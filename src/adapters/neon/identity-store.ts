import { sql } from "drizzle-orm";
import { Scope, scopes } from "../../contract/api-keys.ts";
import { UserId } from "../../contract/ids.ts";
import type { IdentityStore } from "../../ports/identity.ts";
import type { Probe } from "../../ports/probe.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { list, nullable, type Of, object, text } from "./answers/shape.ts";
import type { Database } from "./database.ts";
import { toInstant } from "./rows.ts";

const meRow = object({ id: text, email: nullable(text), created_at: text, scopes: nullable(list(text)) });
type MeRow = Of<typeof meRow>;
const meAnswer: Answer<readonly MeRow[]> = { from: "the user", shape: list(meRow) };

export function createIdentityStore(database: Database): IdentityStore {
  return {
    async me(caller) {
      const keyScopes =
        caller.kind === "user"
          ? sql`null::text[]`
          : sql`(select k.scopes from api_keys k where k.short = ${caller.short})`;
      const select = database.query.execute(
        sql`select u.id, u.email, u.created_at, ${keyScopes} as scopes from users u`,
      );
      const [{ rows }] = await database.asCaller(caller, [select]);
      const row = parseAnswer(meAnswer, rows)[0];
      if (row === undefined) throw new Error("the sign-in of this transaction left no user");
      return {
        id: UserId.parse(row.id),
        email: row.email,
        via: caller.kind === "user" ? "session" : "api_key",
        scopes: row.scopes === null ? [...scopes] : row.scopes.map((scope) => Scope.parse(scope)),
        created_at: toInstant(row.created_at),
      };
    },
  };
}

/** Up means: answers, and has the schema that this build needs. */
export function createDatabaseProbe(database: Database): Probe {
  return {
    name: "database",
    async check() {
      await database.asSystem([
        database.query.execute(sql`
        select from pricing_versions, turns, turn_steps, outbox, llm_call_events where false`),
      ]);
    },
  };
}
