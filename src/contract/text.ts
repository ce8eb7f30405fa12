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

export const etagVersion = z.int().min(1).max(2_147_483_647);
