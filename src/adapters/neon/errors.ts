import { NeonDbError } from "@neondatabase/serverless";
import { type FieldError, PantheonError } from "../../contract/errors.ts";

/** Constraints that a client can run into, and what they mean to it. */
const conflictByConstraint: Readonly<Record<string, string>> = {
  room_agents_key_unique: "an agent of this room already has this agent_key",
  room_agents_position_unique: "an agent of this room already has this position",
  tool_servers_name_unique: "a tool server of this room already has this name",
  pricing_versions_pkey: "there is already a pricing version of this id",
};

const fieldErrorByConstraint: Readonly<Record<string, FieldError>> = {
  pricing_versions_not_past: { pointer: "/effective_at", message: "must not be in the past" },
  pricing_versions_after_current: {
    pointer: "/effective_at",
    message: "must come after the beginning of the version in force",
  },
  rooms_manager_priced: { pointer: "/manager_model_alias", message: "has no price and cannot be used" },
};

/** References that a client names; the sentence is that of all that is missing. */
const namedByClient = new Set(["grants_owner_id_users_id_fk"]);

const passingStates = /^(?:08|53|57|40001|40P01|55P03)/;
/** No such schema, table, column or function. */
const missingStates = new Set(["3F000", "42P01", "42703", "42883"]);
const unstorableStates = /^22/;

export function toPantheonError(error: unknown): unknown {
  const found = neonErrorIn(error);
  if (found === null) return error;
  const { code, constraint } = found;
  // Neon's proxy leaves the code empty when it lost the database rather than heard from it.
  if (code === undefined || code === "") return unavailable(found);
  if (code === "PT401") return new PantheonError("unauthorized", "The API key is not valid.");
  if (code === "PT403") return new PantheonError("forbidden", "The API key lacks the scope that this request needs.");
  if (code === "23505" && constraint === "idempotency_keys_pkey")
    return new PantheonError("idempotency_in_progress", "A request with this Idempotency-Key is being answered.");
  const refusal = constraint === undefined ? null : refusalOf(constraint, found);
  if (refusal !== null) return refusal;
  if (missingStates.has(code))
    return new PantheonError(
      "dependency_unavailable",
      `The database lacks what this version needs (${found.message}): run the migrations.`,
      {
        cause: found,
        retryAfterSeconds: 30,
      },
    );
  if (passingStates.test(code)) return unavailable(found);
  if (unstorableStates.test(code))
    return new PantheonError("validation_failed", "A value cannot be stored.", { cause: found });
  return found;
}

function refusalOf(constraint: string, cause: unknown): PantheonError | null {
  const conflict = conflictByConstraint[constraint];
  if (conflict !== undefined) return new PantheonError("conflict", conflict, { cause });
  const error = fieldErrorByConstraint[constraint];
  if (error !== undefined)
    return new PantheonError("validation_failed", "The request is not valid; see errors.", { cause, errors: [error] });
  return namedByClient.has(constraint) ? new PantheonError("not_found", "There is nothing here.", { cause }) : null;
}

function unavailable(cause: unknown): PantheonError {
  return new PantheonError("dependency_unavailable", "The database does not answer.", { cause, retryAfterSeconds: 2 });
}

function neonErrorIn(error: unknown): NeonDbError | null {
  if (error instanceof NeonDbError) return error;
  return error instanceof Error && error.cause !== undefined ? neonErrorIn(error.cause) : null;
}
