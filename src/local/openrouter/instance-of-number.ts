import type { JsonSchema } from "./json-value.ts";
import type { Bounds, Place } from "./place.ts";
import { numberAt } from "./schema-facts.ts";

export function instanceOfNumber(schema: JsonSchema, type: "integer" | "number", place: Place): number {
  const step = numberAt(schema, "multipleOf") ?? (type === "integer" ? 1 : 0.01);
  const unit = type === "integer" && !Number.isInteger(step) ? 1 : step;
  const bounds = boundsOf(schema);
  const wished = place.sense.quantity(place.path, place.index, bounds);
  const nearest = Number((Math.round(wished / unit) * unit).toPrecision(12));
  if (isWithin(nearest, bounds)) return nearest;
  return onGrid(bounds, unit) ?? between(bounds);
}

function boundsOf(schema: JsonSchema): Bounds {
  const minimum = numberAt(schema, "minimum");
  const above = numberAt(schema, "exclusiveMinimum");
  const maximum = numberAt(schema, "maximum");
  const below = numberAt(schema, "exclusiveMaximum");
  const isLowOpen = above !== undefined && (minimum === undefined || above >= minimum);
  const isHighOpen = below !== undefined && (maximum === undefined || below <= maximum);
  return { low: isLowOpen ? above : minimum, high: isHighOpen ? below : maximum, isLowOpen, isHighOpen };
}

function isWithin(value: number, { low, high, isLowOpen, isHighOpen }: Bounds): boolean {
  if (low !== undefined && (isLowOpen ? value <= low : value < low)) return false;
  return high === undefined || (isHighOpen ? value < high : value <= high);
}

function onGrid(bounds: Bounds, unit: number): number | undefined {
  const start = bounds.low !== undefined ? Math.ceil(bounds.low / unit) : Math.floor((bounds.high ?? 0) / unit);
  const direction = bounds.low !== undefined ? 1 : -1;
  const tried = [0, 1, 2].map((steps) => Number(((start + direction * steps) * unit).toPrecision(15)));
  return tried.find((value) => isWithin(value, bounds));
}

function between({ low, high }: Bounds): number {
  if (low === undefined) return (high ?? 1) - 1;
  return high === undefined ? low + 1 : (low + high) / 2;
}
