import { Validator } from "@cfworker/json-schema";
import { instanceOfArray } from "./instance-of-array.ts";
import { instanceOfNumber } from "./instance-of-number.ts";
import { instanceOfObject } from "./instance-of-object.ts";
import { instanceOfString } from "./instance-of-string.ts";
import type { JsonSchema, JsonValue } from "./json-value.ts";
import { isDeep, type Place, type Sense } from "./place.ts";
import { enumOf, mergeSchemas, resolvePointer, schemaAt, schemasAt, type TypeName, typesOf } from "./schema-facts.ts";

const TOO_DEEP = 40;

export function schemaInstance(schema: JsonSchema, sense: Sense): JsonValue {
  return instanceAt(schema, { root: schema, path: [], index: 0, depth: 0, sense, instance: instanceAt });
}

function instanceAt(schema: JsonSchema, place: Place): JsonValue {
  if (place.depth > TOO_DEEP) return null;
  const candidates = alternatives(schema, place);
  let last: JsonValue = null;
  for (const candidate of candidates) {
    last = plainInstance(candidate, { ...place, depth: place.depth + 1 });
    if (candidates.length === 1 || isValid(last, schema, place.root)) return last;
  }
  return last;
}

/** The plain schemas, free of references and choices, any of which may satisfy this one. */
function alternatives(schema: JsonSchema, place: Place): JsonSchema[] {
  const flat = withoutReferences(schema, place.root);
  const choice = schemasAt(flat, "anyOf").length > 0 ? "anyOf" : "oneOf";
  const branches = schemasAt(flat, choice);
  if (branches.length === 0) return typesOf(flat).length > 1 ? byType(flat, place) : [flat];
  const { [choice]: _, ...rest } = flat;
  const merged = branches.map((branch) => mergeSchemas(rest, withoutReferences(branch, place.root)));
  const ordered = isDeep(place)
    ? [...merged].sort((left, right) => weight(left) - weight(right))
    : rotated(merged, place);
  return ordered.flatMap((candidate) => alternatives(candidate, { ...place, depth: place.depth + 1 }));
}

function byType(schema: JsonSchema, place: Place): JsonSchema[] {
  const types = typesOf(schema);
  const preferred = types.filter((type) => type !== "null");
  const ordered: TypeName[] = isDeep(place) && types.includes("null") ? ["null", ...preferred] : preferred;
  return [...ordered, "null" as const].filter((type) => types.includes(type)).map((type) => ({ ...schema, type }));
}

function withoutReferences(schema: JsonSchema, root: JsonSchema, hops = 0): JsonSchema {
  if (hops > 20) return {};
  const { $ref: ref, allOf, ...rest } = schema;
  let flat: JsonSchema = rest;
  if (typeof ref === "string") flat = mergeSchemas(flat, withoutReferences(resolvePointer(root, ref), root, hops + 1));
  if (allOf === undefined) return flat;
  for (const part of schemasAt({ allOf }, "allOf")) flat = mergeSchemas(flat, withoutReferences(part, root, hops + 1));
  return flat;
}

function plainInstance(schema: JsonSchema, place: Place): JsonValue {
  const constant = schema.const;
  if (constant !== undefined) return enumOf({ enum: [constant] })?.[0] ?? null;
  const values = enumOf(schema);
  if (values !== undefined) return enumValue(values, schema, place);
  const [type = "null"] = typesOf(schema);
  switch (type) {
    case "null":
      return null;
    case "boolean":
      return place.sense.flag(place.path);
    case "integer":
    case "number":
      return instanceOfNumber(schema, type, place);
    case "string":
      return instanceOfString(schema, place);
    case "array":
      return instanceOfArray(schema, place);
    case "object":
      return instanceOfObject(schema, place);
  }
}

function enumValue(values: readonly JsonValue[], schema: JsonSchema, place: Place): JsonValue {
  const valid = values.filter((value) => isValid(value, schema, place.root));
  const usable = valid.length > 0 ? valid : values;
  return usable[place.sense.choose(usable, place.path, place.index)] ?? null;
}

function rotated<T>(items: readonly T[], place: Place): T[] {
  const start = place.sense.choose(items, place.path, place.index);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Branches that end soonest come first, so that a recursive schema stops growing. */
function weight(schema: JsonSchema): number {
  if (schema.const !== undefined || schema.enum !== undefined) return 0;
  const [type] = typesOf(schema);
  if (type === "object" || type === "array") return 2 + JSON.stringify(schema).length / 1_000_000;
  return type === "null" ? 0 : 1;
}

function isValid(value: JsonValue, schema: JsonSchema, root: JsonSchema): boolean {
  const definitions = { $defs: schemaAt(root, "$defs") ?? {}, definitions: schemaAt(root, "definitions") ?? {} };
  return new Validator({ ...definitions, ...schema }, "2020-12", true).validate(value).valid;
}
