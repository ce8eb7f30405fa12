import * as z from "zod";

// Postgres refuses NUL in text and lone surrogates in jsonb; a client must learn that from a 4xx.
const unstorable = /\0|\p{Surrogate}/u;

const isStorable = (value: string): boolean => !unstorable.test(value);

export function text(minLength: number, maxLength: number) {
  return z
    .string()
    .min(minLength)
    .max(maxLength)
    .refine(isStorable, { message: "must not contain NUL or unpaired surrogate characters" });
}

/** A name that shows: trimmed, and not blank. */
export function label(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine(isStorable, { message: "must not contain NUL or unpaired surrogate characters" });
}

export const timestamp = z.iso.datetime({ offset: true });

// Beyond these years Postgres and RFC 3339 write a moment differently, whatever its offset.
const firstStorable = Date.parse("1970-01-01T00:00:00Z");
const lastStorable = Date.parse("9999-12-31T23:59:59.999Z");

/** A moment that a client may name. */
export const instant = timestamp.refine(
  (value) => Date.parse(value) >= firstStorable && Date.parse(value) <= lastStorable,
  { message: "must be between the years 1970 and 9999" },
);

export const etagVersion = z.int().min(1).max(2_147_483_647);
