import { PantheonError } from "../../contract/errors.ts";
import type { CreateTurn } from "../../contract/turns.ts";
import type { SchemaCheck } from "../../ports/schema-check.ts";

interface SchemaPorts {
  readonly schemaCheck: Pick<SchemaCheck, "checkSchema">;
}

/** Refuses a schema that no reply could be held to within bounds. */
export function checkResponseSchema(
  { schemaCheck }: SchemaPorts,
  { response_schema }: Pick<CreateTurn, "response_schema">,
) {
  if (response_schema === null) return;
  const fault = schemaCheck.checkSchema(response_schema);
  if (fault === null) return;
  throw new PantheonError("validation_failed", "The schema cannot be used.", {
    errors: [{ pointer: `/response_schema${fault.pointer}`, message: fault.message }],
  });
}
