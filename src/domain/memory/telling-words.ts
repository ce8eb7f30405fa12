import { sameText } from "./entry-text.ts";

const formWords = new Set(["decided", "agreed", "decision", "have", "will", "that", "with", "this", "from"]);

/** What a text is about. Short words and those that only say that it is a decision would make strangers alike. */
export function tellingWords(text: string): ReadonlySet<string> {
  const words = sameText(text).split(" ").flatMap(partsOf);
  const telling = words.filter((word) => word.length > 3 || /[^\p{Ll}\p{M}]/u.test(word));
  const kept = telling.filter((word) => !formWords.has(word));
  return new Set(kept.length > 0 ? kept : words);
}

/** How many of a text's words another has, from none to all. */
export function sharedWords(words: ReadonlySet<string>, other: ReadonlySet<string>): number {
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
