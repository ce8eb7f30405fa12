import { asList, asRecord, isRecord } from "../text/record.ts";
import { storable } from "../text/storable.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { isDeeperThan, weighJson } from "./json-nodes.ts";
import { type KeywordKind, keywordFault, kindByKeyword, localReference } from "./keywords.ts";
import type { JsonSchema } from "./response-format.ts";

/** Where in a JSON value, and what is wrong there. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

const maxBytes = 32_768;
const maxLevels = 20;
const maxJsonLevels = 64;
/** A schema's size once every reference is replaced by what it refers to. */
const maxWeight = 20_000;

/** Whether a schema from outside may be checked against: what it costs must be known before it is used. */
export function checkSchema(schema: unknown): Fault | null {
  if (!isRecord(schema)) return { pointer: "", message: "must be a JSON schema: an object" };
  if (isDeeperThan(schema, maxJsonLevels)) return { pointer: "", message: tooDeep };
  if (utf8Bytes(JSON.stringify(schema)) > maxBytes)
    return { pointer: "", message: `must have at most ${maxBytes} bytes` };
  const unstorable = findUnstorable(schema, "");
  if (unstorable !== null)
    return { pointer: unstorable, message: "must not contain NUL or unpaired surrogate characters" };
  if (schema.type !== "object") return { pointer: "/type", message: 'must be "object" at the top of a schema' };
  const walk: Walk = { root: schema, weightByReference: new Map() };
  const outcome = walkSchema(schema, { pointer: "", level: 0, from: [] }, walk);
  if (typeof outcome !== "number") return outcome;
  return outcome > maxWeight ? { pointer: "", message: tooHeavy } : null;
}

/** Where the first text or name is that Postgres refuses. */
function findUnstorable(value: unknown, pointer: string): string | null {
  if (typeof value === "string") return storable(value) === value ? null : pointer;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const at = `${pointer}/${escapePart(name)}`;
    const found = storable(name) === name ? findUnstorable(part, at) : at;
    if (found !== null) return found;
  }
  return null;
}

/** The size of an acceptable schema with its references followed. */
export function weighSchema(schema: JsonSchema): number {
  const weight = walkSchema(
    schema,
    { pointer: "", level: 0, from: [] },
    { root: schema, weightByReference: new Map() },
  );
  return typeof weight === "number" ? weight : maxWeight;
}

const tooDeep = `must be nested at most ${maxLevels} levels deep, references followed`;
const tooHeavy = `must hold at most ${maxWeight} values, references followed`;

interface Walk {
  readonly root: JsonSchema;
  readonly weightByReference: Map<string, number>;
}

interface Place {
  readonly pointer: string;
  readonly level: number;
  /** The references that led here. */
  readonly from: readonly string[];
}

type Weight = number | Fault;

function walkSchema(schema: unknown, place: Place, walk: Walk): Weight {
  if (!isRecord(schema)) return 1;
  if (place.level > maxLevels) return { pointer: place.pointer, message: tooDeep };
  let weight = 1;
  for (const [keyword, value] of Object.entries(schema)) {
    const added = walkKeyword(keyword, value, { ...place, pointer: `${place.pointer}/${escapePart(keyword)}` }, walk);
    if (typeof added !== "number") return added;
    weight = Math.min(maxWeight + 1, weight + added);
  }
  return weight;
}

function walkKeyword(keyword: string, value: unknown, place: Place, walk: Walk): Weight {
  const kind = kindByKeyword.get(keyword);
  if (kind === undefined) return { pointer: place.pointer, message: "is a keyword that is not supported" };
  const fault = keywordFault(kind, value);
  if (fault !== null) return { pointer: place.pointer, message: fault };
  if (kind === "ref") return walkReference(String(value), place, walk);
  const parts = partsOf(kind, value);
  if (parts === null) return weighJson(value, maxWeight);
  let weight = 1;
  for (const [name, part] of parts) {
    const pointer = name === null ? place.pointer : `${place.pointer}/${escapePart(name)}`;
    const added = walkSchema(part, { ...place, pointer, level: place.level + 1 }, walk);
    if (typeof added !== "number") return added;
    weight += added;
  }
  return weight;
}

function partsOf(kind: KeywordKind, value: unknown): readonly (readonly [string | null, unknown])[] | null {
  if (kind === "schema") return [[null, value]];
  if (kind === "schemas") return asList(value).map((part, index) => [String(index), part]);
  return kind === "schemaMap" ? Object.entries(asRecord(value)) : null;
}

function walkReference(reference: string, place: Place, walk: Walk): Weight {
  if (place.from.includes(reference)) return { pointer: place.pointer, message: "must not lead back to itself" };
  const known = walk.weightByReference.get(`${place.level}:${reference}`);
  if (known !== undefined) return known;
  const target = targetOf(reference, walk.root);
  if (target === undefined) return { pointer: place.pointer, message: "refers to a definition that is not there" };
  const at = { ...place, level: place.level + 1, from: [...place.from, reference] };
  const weight = walkSchema(target, at, walk);
  if (typeof weight === "number") walk.weightByReference.set(`${place.level}:${reference}`, weight);
  return weight;
}

function targetOf(reference: string, root: JsonSchema): unknown {
  const [, section = "", name = ""] = localReference.exec(reference) ?? [];
  return Object.entries(asRecord(root[section])).find(([key]) => key === name)?.[1];
}

function escapePart(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
