import { sql } from "drizzle-orm";

/** A time as RFC 3339 in UTC, made where it is read, so that a row needs no second mapping. */
export const iso = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
