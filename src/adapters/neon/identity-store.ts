import { sql } from "drizzle-orm";
import { Scope, scopes } from "../../contract/api-keys.ts";
import { UserId } from "../../contract/ids.ts";
import type { IdentityStore } from "../../ports/identity.ts";
import type { Probe } from "../../ports/probe.ts";
import type { Database } from "./database.ts";
import { toInstant } from "./rows.ts";

type MeRow = {
  readonly id: string;
  readonly email: string | null;
  readonly created_at: string;
  readonly scopes: string[] | null;
};

export function createIdentityStore(database: Database): IdentityStore {
  return {
    async me(caller) {
      const keyScopes =
        caller.kind === "user"
          ? sql`null::text[]`
          : sql`(select k.scopes from api_keys k where k.short = ${caller.short})`;
      const select = database.query.execute<MeRow>(
        sql`select u.id, u.email, u.created_at, ${keyScopes} as scopes from users u`,
      );
      const [{ rows }] = await database.asCaller(caller, [select]);
      const row = rows[0];
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
