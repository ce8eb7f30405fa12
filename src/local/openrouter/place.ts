import type { JsonSchema, JsonValue } from "./json-value.ts";

/** Where in the instance we are, and what to say there. */
export interface Place {
  readonly root: JsonSchema;
  readonly path: readonly string[];
  /** Counts siblings, so that two items of one list differ. */
  readonly index: number;
  readonly depth: number;
  readonly sense: Sense;
  readonly instance: (schema: JsonSchema, place: Place) => JsonValue;
}

/** What would be a sensible value for a property of this name, given what was asked. */
export interface Sense {
  words(path: readonly string[], index: number): string;
  flag(path: readonly string[]): boolean;
  quantity(path: readonly string[], index: number, bounds: Bounds): number;
  listLength(path: readonly string[]): number;
  choose(options: readonly unknown[], path: readonly string[], index: number): number;
}

export interface Bounds {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly isLowOpen: boolean;
  readonly isHighOpen: boolean;
}

const DEEPEST = 6;

/** From here on only what a schema demands is made, so that recursive schemas end. */
export function isDeep(place: Place): boolean {
  return place.depth >= DEEPEST;
}
