import { formatCredits, parseCredits } from "../../domain/money/credits.ts";
import type { Updated } from "../../ports/updated.ts";

/** Postgres prints "2026-11-21 01:44:53.465+00"; the wire has RFC 3339. */
export function toInstant(value: string): string {
  return new Date(value).toISOString();
}

export function toInstantOrNull(value: string | null): string | null {
  return value === null ? null : toInstant(value);
}

/** Cuts the one row too many that tells whether there are more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (item: Item) => string,
): { readonly data: readonly Item[]; readonly has_more: boolean; readonly next_cursor: string | null } {
  const data = rows.slice(0, limit).map(toItem);
  const last = data.at(-1);
  const hasMore = rows.length > limit;
  return { data, has_more: hasMore, next_cursor: hasMore && last !== undefined ? cursorOf(last) : null };
}

/** A change that hit no row met a missing one, or one of another version. */
export function outcome<T>(value: T | undefined, isFound: boolean): Updated<T> {
  if (value !== undefined) return { kind: "done", value };
  return isFound ? { kind: "stale" } : { kind: "missing" };
}

export function toUnits(budget: string | null): bigint | null {
  return budget === null ? null : parseCredits(budget);
}

export function toBudget(units: bigint | null): string | null {
  return units === null ? null : formatCredits(units);
}
