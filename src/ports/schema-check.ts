import type { Fault } from "../domain/json-schema/check-schema.ts";
import type { JsonSchema } from "../domain/json-schema/response-format.ts";

export interface SchemaCheck {
  /** What makes a schema from outside unacceptable; null when nothing does. */
  checkSchema(schema: unknown): Fault | null;
  /** Where a value differs from an acceptable schema; empty when it does not. What would take too long is a fault. */
  check(schema: JsonSchema, value: unknown): readonly Fault[];
}
