import { flattenName } from "../speaker/quote.ts";
import { storable } from "../text/storable.ts";
import { headOf, headWithin } from "../text/utf8.ts";
import type { RegisterEntry } from "./entry.ts";

const mostEntryCharacters = 500;
export const entryMark = " [shortened]";

/** An entry's text on one line, cut where it is too long. */
export function toEntryText(text: string): string {
  const line = flattenName(storable(headOf(text, 4 * mostEntryCharacters)));
  const characters = [...line];
  if (characters.length <= mostEntryCharacters) return text.length > 4 * mostEntryCharacters ? line + entryMark : line;
  return characters.slice(0, mostEntryCharacters).join("").trimEnd() + entryMark;
}

const mostLineBytes = 4000;

/** As an entry stands in a prompt: whatever it holds, it is one line. */
export function toLine(text: string): string {
  const line = flattenName(text.length > mostLineBytes ? headOf(text, mostLineBytes) : text);
  const head = headWithin(line, mostLineBytes);
  return head.length < line.length || text.length > mostLineBytes ? head + entryMark : line;
}

/** The same for texts that say the same in the same words. */
export function sameText(text: string): string {
  return flattenName(text)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, " ")
    .trim();
}

/** The same for entries of one kind that say the same in the same words. */
export function entryKey({ kind, text }: Pick<RegisterEntry, "kind" | "text">): string {
  return `${kind} ${sameText(text)}`;
}

/** Whether anything is said in it. */
export function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
