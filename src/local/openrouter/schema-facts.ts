import { isJsonSchema, isJsonValue, type JsonSchema, type JsonValue } from "./json-value.ts";

export type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

const TYPE_NAMES: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean", "null", "array", "object"]);

export function numberAt(schema: JsonSchema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

export function schemasAt(schema: JsonSchema, keyword: string): JsonSchema[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value.map((item: unknown) => (isJsonSchema(item) ? item : {})) : [];
}

export function schemaAt(schema: JsonSchema, keyword: string): JsonSchema | undefined {
  const value = schema[keyword];
  return isJsonSchema(value) ? value : undefined;
}

export function propertiesOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const properties = Object.entries(schemaAt(schema, "properties") ?? {});
  return new Map(
    properties.flatMap(([name, value]) => (value === false ? [] : [[name, isJsonSchema(value) ? value : {}]])),
  );
}

export function requiredOf(schema: JsonSchema): string[] {
  const required = schema.required;
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

export function enumOf(schema: JsonSchema): readonly JsonValue[] | undefined {
  const values = schema.enum;
  return Array.isArray(values) ? values.filter(isJsonValue) : undefined;
}

export function typesOf(schema: JsonSchema): TypeName[] {
  const declared = Array.isArray(schema.type) ? schema.type : [schema.type];
  const types = declared.filter(isTypeName);
  return types.length > 0 ? types : [impliedType(schema)];
}

function isTypeName(value: unknown): value is TypeName {
  return TYPE_NAMES.has(value);
}

function impliedType(schema: JsonSchema): TypeName {
  const has = (...keywords: string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
  if (has("properties", "required", "additionalProperties", "minProperties", "patternProperties")) return "object";
  if (has("items", "prefixItems", "minItems", "uniqueItems", "contains")) return "array";
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")) return "number";
  return "string";
}

export function resolvePointer(root: JsonSchema, ref: string): JsonSchema {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return {};
  let node: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    node =
      isJsonSchema(node) || Array.isArray(node) ? Object.entries(node).find(([key]) => key === name)?.[1] : undefined;
  }
  return isJsonSchema(node) ? node : {};
}

/** One schema that asks for what both ask for; the stricter bound wins. */
export function mergeSchemas(left: JsonSchema, right: JsonSchema): JsonSchema {
  const merged: Record<string, unknown> = { ...left, ...right };
  for (const keyword of ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"]) {
    const bounds = [numberAt(left, keyword), numberAt(right, keyword)].filter((bound) => bound !== undefined);
    if (bounds.length > 0) merged[keyword] = Math.max(...bounds);
  }
  for (const keyword of ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"]) {
    const bounds = [numberAt(left, keyword), numberAt(right, keyword)].filter((bound) => bound !== undefined);
    if (bounds.length > 0) merged[keyword] = Math.min(...bounds);
  }
  if (left.properties && right.properties) merged.properties = mergeProperties(left, right);
  if (left.required && right.required) merged.required = [...new Set([...requiredOf(left), ...requiredOf(right)])];
  if (left.type && right.type) merged.type = sharedTypes(left, right);
  if (left.enum && right.enum) merged.enum = sharedValues(left, right);
  return merged;
}

function mergeProperties(left: JsonSchema, right: JsonSchema): JsonSchema {
  const merged = new Map(propertiesOf(left));
  for (const [name, schema] of propertiesOf(right)) merged.set(name, mergeSchemas(merged.get(name) ?? {}, schema));
  return Object.fromEntries(merged);
}

function sharedTypes(left: JsonSchema, right: JsonSchema): readonly TypeName[] {
  const allowed = typesOf(right);
  const shared = typesOf(left).flatMap((type): TypeName[] => {
    if (allowed.includes(type)) return [type];
    if (type === "number" && allowed.includes("integer")) return ["integer"];
    return type === "integer" && allowed.includes("number") ? ["integer"] : [];
  });
  return shared.length > 0 ? shared : allowed;
}

function sharedValues(left: JsonSchema, right: JsonSchema): readonly JsonValue[] {
  const allowed = new Set((enumOf(right) ?? []).map((value) => JSON.stringify(value)));
  return (enumOf(left) ?? []).filter((value) => allowed.has(JSON.stringify(value)));
}
