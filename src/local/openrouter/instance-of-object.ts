import type { JsonSchema, JsonValue } from "./json-value.ts";
import { isDeep, type Place } from "./place.ts";
import { numberAt, propertiesOf, requiredOf, schemaAt } from "./schema-facts.ts";

export function instanceOfObject(schema: JsonSchema, place: Place): JsonValue {
  const properties = propertiesOf(schema);
  const others = schemaAt(schema, "additionalProperties") ?? {};
  const entries: [string, JsonValue][] = namesOf(schema, place).map((name) => [
    name,
    place.instance(properties.get(name) ?? others, { ...place, path: [...place.path, name] }),
  ]);
  // fromEntries defines "__proto__" as a plain property, where assignment would set the prototype.
  return Object.fromEntries(entries);
}

function namesOf(schema: JsonSchema, place: Place): string[] {
  const known = [...propertiesOf(schema).keys()];
  const required = requiredOf(schema);
  const most = numberAt(schema, "maxProperties") ?? Number.POSITIVE_INFINITY;
  const optional = isDeep(place) ? [] : known.filter((name) => !required.includes(name));
  const inOrder = [...new Set([...known.filter((name) => required.includes(name)), ...required])];
  const names = [...inOrder, ...optional.slice(0, Math.max(0, most - inOrder.length))];
  return [...names, ...madeUpNames(schema, names, known)];
}

function madeUpNames(schema: JsonSchema, names: readonly string[], known: readonly string[]): string[] {
  const isOpen = schema.additionalProperties !== false;
  const wished = numberAt(schema, "minProperties") ?? (isOpenMap(schema, known) ? 1 : 0);
  const missing = Math.max(0, wished - names.length);
  const unused = known.filter((name) => !names.includes(name));
  const invented = Array.from({ length: missing }, (_, index) => `note_${index + 1}`);
  return (isOpen ? [...unused, ...invented] : unused).slice(0, missing);
}

/** A record type, whose only description is that of its values. */
function isOpenMap(schema: JsonSchema, known: readonly string[]): boolean {
  return (
    known.length === 0 &&
    schemaAt(schema, "additionalProperties") !== undefined &&
    numberAt(schema, "maxProperties") !== 0
  );
}
