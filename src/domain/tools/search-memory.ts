import { headOf } from "../text/utf8.ts";

/** Something that a session holds: what was said, or what was written into its register. */
export interface Remembered {
  /** In words for the model: "decision", "message", … */
  readonly kind: string;
  readonly from: string;
  readonly text: string;
}

const maxCharactersOfOne = 600;
const leadCharacters = 120;
const maxQueryWords = 40;

interface Match {
  readonly item: Remembered;
  readonly score: number;
  readonly at: number;
}

export interface Memory {
  /** What shares the most, and the rarest, words with the query; of equals the newer. */
  search(query: string, limit: number): readonly Remembered[];
}

/** What is remembered, oldest first. Its words are told apart when they are first asked for, and once: that is what takes time. */
export function createMemory(items: readonly Remembered[]): Memory {
  let wordsByItem: readonly ReadonlySet<string>[] | null = null;
  return {
    search(query, limit) {
      wordsByItem ??= items.map(({ text }) => new Set(wordsOf(text)));
      return searchItems({ items, wordsByItem }, query, limit);
    },
  };
}

interface Indexed {
  readonly items: readonly Remembered[];
  readonly wordsByItem: readonly ReadonlySet<string>[];
}

function searchItems({ items, wordsByItem }: Indexed, query: string, limit: number): readonly Remembered[] {
  const wanted = [...new Set(wordsOf(query))].slice(0, maxQueryWords);
  const weightByWord = new Map(wanted.map((word) => [word, weigh(word, wordsByItem)]));
  const matches = items.map((item, at): Match => {
    const shared = wanted.filter((word) => wordsByItem[at]?.has(word));
    return { item, at, score: shared.reduce((sum, word) => sum + (weightByWord.get(word) ?? 0), 0) };
  });
  return matches
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || other.at - one.at)
    .slice(0, limit)
    .map(({ item }) => ({ ...item, text: excerptOf(item.text, wanted) }));
}

function weigh(word: string, wordsByItem: readonly ReadonlySet<string>[]): number {
  const holding = wordsByItem.filter((words) => words.has(word)).length;
  return Math.log(1 + wordsByItem.length / Math.max(1, holding));
}

// Scripts without spaces are matched by the character.
const word = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+/gu;

function wordsOf(text: string): readonly string[] {
  return text.normalize("NFKC").toLowerCase().match(word) ?? [];
}

/** From shortly before the first word that was asked for. */
function excerptOf(text: string, wanted: readonly string[]): string {
  if (text.length <= maxCharactersOfOne) return text;
  const lower = text.toLowerCase();
  const found = wanted.map((one) => lower.indexOf(one)).filter((at) => at >= 0);
  const from = Math.max(0, Math.min(...found, text.length) - leadCharacters);
  const start = Math.min(from, text.length - maxCharactersOfOne);
  const rest = text.slice(start).replace(/^[\udc00-\udfff]/, "");
  const end = rest.length > maxCharactersOfOne ? "…" : "";
  return `${start > 0 ? "…" : ""}${headOf(rest, maxCharactersOfOne)}${end}`;
}
