import type { JsonSchema, JsonValue } from "./json-value.ts";
import { isDeep, type Place } from "./place.ts";
import { numberAt, schemaAt, schemasAt } from "./schema-facts.ts";

const MOST_TRIES_PER_ITEM = 12;

export function instanceOfArray(schema: JsonSchema, place: Place): JsonValue[] {
  const first = schemasAt(schema, "prefixItems");
  const rest = schemaAt(schema, "items") ?? {};
  const length = lengthOf(schema, first.length, place);
  const isUnique = schema.uniqueItems === true;
  const items: JsonValue[] = [];
  const seen = new Set<string>();
  let sibling = 0;
  while (items.length < length) {
    const itemSchema = first[items.length] ?? rest;
    const item = nextItem(itemSchema, { ...place, index: sibling }, isUnique ? seen : new Set());
    sibling = item.sibling + 1;
    if (isUnique && seen.has(JSON.stringify(item.value)) && items.length >= (numberAt(schema, "minItems") ?? 0)) break;
    seen.add(JSON.stringify(item.value));
    items.push(item.value);
  }
  return items;
}

function nextItem(schema: JsonSchema, place: Place, taken: ReadonlySet<string>): { value: JsonValue; sibling: number } {
  let sibling = place.index;
  let value = place.instance(schema, place);
  while (taken.has(JSON.stringify(value)) && sibling - place.index < MOST_TRIES_PER_ITEM) {
    sibling += 1;
    value = place.instance(schema, { ...place, index: sibling });
  }
  return { value, sibling };
}

function lengthOf(schema: JsonSchema, prefixLength: number, place: Place): number {
  const least = numberAt(schema, "minItems") ?? 0;
  const most = schema.items === false ? prefixLength : (numberAt(schema, "maxItems") ?? Number.POSITIVE_INFINITY);
  const wished = isDeep(place) ? 0 : Math.max(prefixLength, place.sense.listLength(place.path));
  return Math.min(Math.max(least, wished), Math.max(most, least));
}
