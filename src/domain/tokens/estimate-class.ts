import { priceByLetter, priceByStep } from "./estimate-prices.ts";
import { everyStep, isWordState, kindBits, state, stateAfter, stepCount, stepOf } from "./estimate-states.ts";
import { type UnitKind, unitKind, unitKinds } from "./estimate-units.ts";

/** What one pass over a text finds. */
export interface Scan {
  /** In UTF-8. */
  readonly bytes: number;
  /** How often each step was taken. */
  readonly steps: Int32Array;
  /** How often each letter stands in a word's fourth place or after it; by the letter's low five bits. */
  readonly letters: Int32Array;
  readonly englishWords: number;
}

/**
 * Kinds of text of which a tokenizer makes more or less than the base estimate, each by its own factor. "english" and "latin"
 * are prose; "han", "kana" and "hangul" are Chinese, Japanese and Korean.
 */
export const scriptClasses = ["english", "latin", "code", "han", "kana", "hangul", "other"] as const;
export type ScriptClass = (typeof scriptClasses)[number];

export interface Weighed {
  /** Not rounded yet. */
  readonly tokens: number;
  readonly scriptClass: ScriptClass;
}

interface Portions {
  readonly tokens: number;
  readonly tokensByKind: Float64Array;
  readonly unitsByKind: Float64Array;
  readonly words: number;
  /** Signs of code: marks, numbers, indents, names with dots or humps, words in capitals. */
  readonly codeSigns: number;
}

const kindMask = (1 << kindBits) - 1;
const wordsByStep = new Uint8Array(stepCount);
const codeSignsByStep = new Float64Array(stepCount);
for (const { from, kind } of everyStep()) {
  const step = stepOf(from, kind);
  wordsByStep[step] = beginsWord(step) ? 1 : 0;
  codeSignsByStep[step] = codeSignsOf(from, kind);
}

export function weigh(scan: Scan): Weighed {
  const portions = portionsOf(scan);
  return { tokens: portions.tokens, scriptClass: classOf(portions, scan.englishWords) };
}

function portionsOf(scan: Scan): Portions {
  const tokensByKind = new Float64Array(unitKinds.length);
  const unitsByKind = new Float64Array(unitKinds.length);
  let words = 0;
  let codeSigns = 0;
  for (let step = 0; step < stepCount; step++) {
    const count = scan.steps[step] ?? 0;
    if (count === 0) continue;
    const kind = step & kindMask;
    tokensByKind[kind] = (tokensByKind[kind] ?? 0) + count * (priceByStep[step] ?? 0);
    unitsByKind[kind] = (unitsByKind[kind] ?? 0) + count;
    words += count * (wordsByStep[step] ?? 0);
    codeSigns += count * (codeSignsByStep[step] ?? 0);
  }
  let lettersTokens = 0;
  scan.letters.forEach((count, letter) => {
    lettersTokens += count * (priceByLetter[letter] ?? 0);
  });
  tokensByKind[unitKind.lower] = (tokensByKind[unitKind.lower] ?? 0) + lettersTokens;
  const tokens = tokensByKind.reduce((sum, part) => sum + part, 0);
  return { tokens, tokensByKind, unitsByKind, words, codeSigns };
}

function beginsWord(step: number): boolean {
  const to = stateAfter[step];
  return to === state.small || to === state.capital;
}

function codeSignsOf(from: number, kind: UnitKind): number {
  switch (kind) {
    case unitKind.mark:
    case unitKind.repeated:
    case unitKind.tab:
      return 1;
    case unitKind.digit:
      return 1 / 3;
    case unitKind.space:
      return from === state.space ? 2 : 0;
    case unitKind.lower:
      return from === state.stop ? 1 : 0;
    case unitKind.upper:
      if (from === state.capital) return 1 / 2;
      return isWordState(from) && beginsWord(stepOf(from, kind)) ? 1 : 0;
    default:
      return 0;
  }
}

const eastAsianKinds = [
  unitKind.cjkMark,
  unitKind.hiraganaOften,
  unitKind.hiraganaSeldom,
  unitKind.katakana,
  unitKind.hanOften,
  unitKind.hanSeldom,
  unitKind.hangulOften,
  unitKind.hangulSeldom,
];
const otherKinds = [
  unitKind.control,
  unitKind.greek,
  unitKind.cyrillic,
  unitKind.hebrew,
  unitKind.arabic,
  unitKind.indic,
  unitKind.thai,
  unitKind.surrogate,
  unitKind.rare,
];

function classOf(portions: Portions, englishWords: number): ScriptClass {
  const eastAsian = sumOf(portions.tokensByKind, eastAsianKinds);
  const other = sumOf(portions.tokensByKind, otherKinds);
  const latin = portions.tokens - eastAsian - other;
  if (eastAsian > latin && eastAsian >= other) return eastAsianClass(portions.unitsByKind);
  if (other > latin) return "other";
  return latinClass(portions, englishWords);
}

const minKanaShare = 0.1;

function eastAsianClass(units: Float64Array): ScriptClass {
  const han = sumOf(units, [unitKind.hanOften, unitKind.hanSeldom]);
  const kana = sumOf(units, [unitKind.hiraganaOften, unitKind.hiraganaSeldom, unitKind.katakana]);
  const hangul = sumOf(units, [unitKind.hangulOften, unitKind.hangulSeldom]);
  if (hangul > han + kana) return "hangul";
  return kana > minKanaShare * (han + kana) ? "kana" : "han";
}

const maxProseSigns = 0.5;
const maxLettersPerWord = 20;
const minEnglishShare = 0.06;
/** Fewer words say nothing of their language. */
const minWords = 12;

function latinClass({ words, codeSigns, unitsByKind }: Portions, englishWords: number): ScriptClass {
  const letters = sumOf(unitsByKind, [unitKind.lower, unitKind.upper, unitKind.accented]);
  if (codeSigns > maxProseSigns * (words + 1) || letters > maxLettersPerWord * (words + 1)) return "code";
  const isEnglish = words < minWords ? unitsByKind[unitKind.accented] === 0 : englishWords >= minEnglishShare * words;
  return isEnglish ? "english" : "latin";
}

function sumOf(portions: Float64Array, kinds: readonly UnitKind[]): number {
  return kinds.reduce<number>((sum, kind) => sum + (portions[kind] ?? 0), 0);
}
