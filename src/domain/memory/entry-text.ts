import { flattenName } from "../speaker/quote.ts";
import { storable } from "../text/storable.ts";
import { headOf, headWithin } from "../text/utf8.ts";
import type { RegisterEntry, SummaryFinding } from "./entry.ts";

const maxEntryCharacters = 500;
export const entryMark = " [shortened]";

/** An entry's text on one line, cut where it is too long. */
export function toEntryText(text: string): string {
  const line = flattenName(storable(headOf(text, 4 * maxEntryCharacters)));
  const characters = [...line];
  if (characters.length <= maxEntryCharacters) return text.length > 4 * maxEntryCharacters ? line + entryMark : line;
  return characters.slice(0, maxEntryCharacters).join("").trimEnd() + entryMark;
}

const maxLineBytes = 4000;

/** As an entry stands in a prompt: whatever it holds, it is one line. */
export function toLine(text: string): string {
  const line = flattenName(text.length > maxLineBytes ? headOf(text, maxLineBytes) : text);
  const head = headWithin(line, maxLineBytes);
  return head.length < line.length || text.length > maxLineBytes ? head + entryMark : line;
}

/** The same for texts that say the same in the same words. */
function sameText(text: string): string {
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

const formWords = new Set(["decided", "agreed", "decision", "have", "will", "that", "with", "this", "from"]);

/** What a text is about. Short words and those that only say that it is a decision would make strangers alike. */
export function keywords(text: string): ReadonlySet<string> {
  const words = sameText(text).split(" ").flatMap(partsOf);
  const telling = words.filter((word) => word.length > 3 || /[^\p{Ll}\p{M}]/u.test(word));
  const kept = telling.filter((word) => !formWords.has(word));
  return new Set(kept.length > 0 ? kept : words);
}

/** How many of a text's words another has, from none to all. */
export function sharedKeywords(words: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return [...words].filter((word) => other.has(word)).length / Math.max(1, words.size);
}

const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;

/** Scripts without spaces between words, or with endings on each: any two characters that follow each other. */
function partsOf(word: string): readonly string[] {
  if (!unspaced.test(word)) return [word];
  const characters = [...word];
  const pairs = characters.slice(1).map((character, place) => `${characters[place] ?? ""}${character}`);
  return pairs.length === 0 ? characters : pairs;
}

/** Of what is said twice, the first wording with the sources of both. */
export function mergeDuplicates(findings: readonly SummaryFinding[]): readonly SummaryFinding[] {
  const byText = new Map<string, SummaryFinding>();
  for (const finding of findings) {
    const key = sameText(finding.text);
    const earlier = byText.get(key);
    const sources = [...(earlier?.source_message_ids ?? []), ...finding.source_message_ids];
    byText.set(key, { text: earlier?.text ?? finding.text, source_message_ids: [...new Set(sources)] });
  }
  return [...byText.values()];
}
