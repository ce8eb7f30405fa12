import { asList, asRecord, isRecord } from "../text/record.ts";
import type { JsonSchema } from "./response-format.ts";

/** What the strict mode of the providers reads; a schema with anything else is sent as a hint. */
const strictKeywords = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "const",
  "anyOf",
  "$ref",
  "$defs",
  "title",
  "description",
]);

/** Whether providers take this schema in strict mode: closed objects whose every property is required. */
export function isStrictSchema(schema: JsonSchema): boolean {
  return schema.type === "object" && isStrict(schema);
}

function isStrict(schema: unknown): boolean {
  if (!isRecord(schema) || !Object.keys(schema).every((keyword) => strictKeywords.has(keyword))) return false;
  return isClosed(schema) && partsOf(schema).every(isStrict);
}

function isClosed({ type, properties, required, additionalProperties }: JsonSchema): boolean {
  const isObject = asList(type).includes("object") || type === "object" || properties !== undefined;
  if (!isObject) return true;
  return (
    additionalProperties === false && Object.keys(asRecord(properties)).every((name) => asList(required).includes(name))
  );
}

function partsOf({ properties, $defs, anyOf, items }: JsonSchema): readonly unknown[] {
  const own = [...Object.values(asRecord(properties)), ...Object.values(asRecord($defs)), ...asList(anyOf)];
  return items === undefined ? own : [...own, items];
}
