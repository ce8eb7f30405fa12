import { asList, isRecord } from "../text/record.ts";

/** What a keyword's value must be, in the words of the refusal. */
export type KeywordKind =
  | "schema"
  | "schemas"
  | "schemaMap"
  | "type"
  | "format"
  | "ref"
  | "text"
  | "texts"
  | "textsMap"
  | "values"
  | "any"
  | "flag"
  | "number"
  | "count"
  | "positive";

/**
 * All that a schema may be made of. What is not here cannot be bounded (patterns, references to itself or to elsewhere)
 * or is read differently from one validator to the next.
 */
export const kindByKeyword: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries({
    ...kinds("text", "$schema", "$comment", "title", "description"),
    ...kinds("any", "default", "examples", "const"),
    ...kinds("flag", "deprecated", "readOnly", "writeOnly", "uniqueItems"),
    ...kinds("type", "type"),
    ...kinds("format", "format"),
    ...kinds("ref", "$ref"),
    ...kinds("values", "enum"),
    ...kinds("texts", "required"),
    ...kinds("textsMap", "dependentRequired"),
    ...kinds("schemaMap", "properties", "$defs", "definitions", "dependentSchemas"),
    ...kinds("schemas", "prefixItems", "allOf", "anyOf", "oneOf"),
    ...kinds("schema", "additionalProperties", "propertyNames", "unevaluatedProperties", "not", "if", "then", "else"),
    ...kinds("schema", "items", "contains", "unevaluatedItems"),
    ...kinds("number", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    ...kinds("positive", "multipleOf"),
    ...kinds("count", "minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"),
    ...kinds("count", "minProperties", "maxProperties"),
  }),
);

/** Those whose check takes no longer than its text. */
const formats = ["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];
const types = ["object", "array", "string", "number", "integer", "boolean", "null"];
export const localReference = /^#\/(\$defs|definitions)\/([A-Za-z0-9_.-]{1,100})$/;

/** What is wrong with a keyword's value; null when nothing is. Schemas in it are not looked into. */
export function keywordFault(kind: KeywordKind, value: unknown): string | null {
  return isOfKind[kind](value) ? null : wantedByKind[kind];
}

const isText = (value: unknown) => typeof value === "string";
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText);
const isFilledList = (value: unknown) => asList(value).length > 0;
const isSchema = (value: unknown) => typeof value === "boolean" || isRecord(value);
const isType = (value: unknown) => types.some((type) => type === value);

const isOfKind: Readonly<Record<KeywordKind, (value: unknown) => boolean>> = {
  schema: isSchema,
  schemas: (value) => isFilledList(value) && asList(value).every(isSchema),
  schemaMap: (value) => isRecord(value) && Object.values(value).every(isSchema),
  type: (value) => isType(value) || (isFilledList(value) && asList(value).every(isType)),
  format: (value) => formats.some((format) => format === value),
  ref: (value) => typeof value === "string" && localReference.test(value),
  text: isText,
  texts: isTextList,
  textsMap: (value) => isRecord(value) && Object.values(value).every(isTextList),
  values: isFilledList,
  any: () => true,
  flag: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  count: (value) => typeof value === "number" && Number.isInteger(value) && value >= 0,
  positive: (value) => typeof value === "number" && value > 0,
};

const wantedByKind: Readonly<Record<KeywordKind, string>> = {
  schema: "must be a schema: an object, true or false",
  schemas: "must be a list of schemas, and not an empty one",
  schemaMap: "must be an object whose every value is a schema",
  type: `must be one of ${types.join(", ")}, or a list of them`,
  format: `must be one of ${formats.join(", ")}`,
  ref: "must refer to #/$defs/name or #/definitions/name of this schema",
  text: "must be a text",
  texts: "must be a list of texts",
  textsMap: "must be an object whose every value is a list of texts",
  values: "must be a list of values, and not an empty one",
  any: "must be a value",
  flag: "must be true or false",
  number: "must be a number",
  count: "must be a whole number from 0 up",
  positive: "must be a number above 0",
};

function kinds(kind: KeywordKind, ...keywords: readonly string[]): Readonly<Record<string, KeywordKind>> {
  return Object.fromEntries(keywords.map((keyword) => [keyword, kind]));
}
