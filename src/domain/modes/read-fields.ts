import { isRecord } from "../text/record.ts";
import { storable } from "../text/storable.ts";
import { headOf } from "../text/utf8.ts";
import type { ReadReply } from "./purpose-rules.ts";

const longestKey = 200;

const maxReasonCharacters = 1_000;

/** A field of its own; what an object inherits is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A text as it may be kept, without the space around it; empty for what is no text. */
export function wordsOf(value: unknown, maxCharacters: number): string {
  return typeof value === "string" ? headOf(storable(value.trim()), maxCharacters).trimEnd() : "";
}

export function reasonOf(value: unknown): string {
  return wordsOf(fieldOf(value, "reason"), maxReasonCharacters);
}

/** Finds a key however it is cased, also with the sign of a tag before it; null for what names none of them. */
export function findKey(value: unknown, keys: readonly string[]): string | null {
  if (typeof value !== "string" || value.length > longestKey) return null;
  const wanted = value.trim().replace(/^@/, "").toLowerCase();
  return keys.find((key) => key.toLowerCase() === wanted) ?? null;
}

/** One of a few words, however it is cased. */
export function findWord<Word extends string>(value: unknown, words: readonly Word[]): Word | null {
  if (typeof value !== "string" || value.length > longestKey) return null;
  const wanted = value.trim().toLowerCase();
  return words.find((word) => word === wanted) ?? null;
}

export function invalid(fault: string): Extract<ReadReply, { readonly kind: "invalid" }> {
  return { kind: "invalid", fault };
}
