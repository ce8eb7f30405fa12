import { type Scan, type ScriptClass, scriptClasses, weigh } from "./estimate-class.ts";
import { bitsPerUnit, isEnglishKey, keyMask } from "./estimate-english.ts";
import { kindBits, state, stateAfter, stepCount } from "./estimate-states.ts";
import { kindOf, unitKind } from "./estimate-units.ts";

export interface Measured {
  /** What typical tokenizers make of it: at least 1, and of a text that is not empty never more than its bytes. */
  readonly tokens: number;
  readonly bytes: number;
  readonly scriptClass: ScriptClass;
}

/** A string, or what can be read like one. */
type Utf16Text = Pick<string, "length" | "charCodeAt">;

/** The base estimate, in one pass over the text, however long or hostile it is. */
export function measureText(text: Utf16Text): Measured {
  const scanned = scan(text);
  const { bytes } = scanned;
  const { tokens, scriptClass } = weigh(scanned);
  return { tokens: Math.max(1, Math.min(bytes, Math.round(tokens))), bytes, scriptClass };
}

/** What a prompt is made of: text of each class, and what the provider puts around its messages. */
export const promptParts = [...scriptClasses, "framing"] as const;
export type PromptPart = (typeof promptParts)[number];
export type TokensByPart = Readonly<Record<PromptPart, number>>;

export const noTokens: TokensByPart = {
  english: 0,
  latin: 0,
  code: 0,
  han: 0,
  kana: 0,
  hangul: 0,
  other: 0,
  framing: 0,
};

export interface SentMessage {
  readonly content: string;
}

const framingOfPrompt = 3;
export const framingOfMessage = 5;

/** The base estimate of a whole prompt, part by part: what a provider's own count teaches about. */
export function estimateByClass(messages: readonly SentMessage[]): TokensByPart {
  const tokens: Record<PromptPart, number> = {
    ...noTokens,
    framing: framingOfPrompt + framingOfMessage * messages.length,
  };
  for (const section of gathered(messages).flatMap(sectionsOf)) {
    const scanned = scan(section);
    const weighed = weigh(scanned);
    tokens[weighed.scriptClass] += Math.min(weighed.tokens, scanned.bytes);
  }
  for (const part of promptParts) tokens[part] = Math.round(tokens[part]);
  return tokens;
}

const maxSmall = 200;
const minSection = 1000;
const maxSection = 8000;

/** Small messages that follow each other as one text: what a look at each costs is not worth what it tells. */
function gathered(messages: readonly SentMessage[]): readonly string[] {
  const texts: string[] = [];
  let small: string[] = [];
  let length = 0;
  for (const { content } of messages) {
    const isSmall = content.length < maxSmall;
    if (isSmall) small.push(content);
    length += content.length;
    if (isSmall && length < minSection) continue;
    if (small.length > 0) texts.push(small.join("\n"));
    if (!isSmall) texts.push(content);
    small = [];
    length = 0;
  }
  return small.length === 0 ? texts : [...texts, small.join("\n")];
}

/** Some lines at a time, since a message may hold prose and code. */
function sectionsOf(text: string): readonly string[] {
  const sections: string[] = [];
  for (let from = 0; from < text.length; ) {
    const section = text.slice(from, from + maxSection);
    const newline = section.indexOf("\n", minSection);
    const length = newline < 0 ? section.length : newline + 1;
    sections.push(section.slice(0, length));
    from += length;
  }
  return sections;
}

// Bound here once: where modules are not bundled, an import is looked up at each use.
const { lower, space, end } = unitKind;
const { start, smallTail } = state;
const [kindAt, nextState, bits, mask, keyBits] = [kindOf, stateAfter, kindBits, keyMask, bitsPerUnit] as const;
const firstRated = state.small + 3;
const secondLetter = state.small + 1;
const thirdLetter = state.small + 2;

/** Reads each unit once, and does the same little for each, so that no text takes longer than another of its length. */
function scan(text: Utf16Text): Scan {
  const steps = new Int32Array(stepCount);
  const letters = new Int32Array(32);
  const { length } = text;
  let bytes = 0;
  let englishWords = 0;
  let from: number = start;
  let unitBefore = 0;
  let key = 0;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    bytes += unit < 0x80 ? 1 : wideBytes(unit, unitBefore);
    const kind = kindAt(unit, unitBefore);
    const step = (from << bits) | kind;
    steps[step] = (steps[step] ?? 0) + 1;
    if (kind === space && (from === secondLetter || from === thirdLetter) && isEnglishKey[key] === 1) englishWords += 1;
    from = nextState[step] ?? start;
    if (kind === lower && from >= firstRated && from < smallTail) letters[unit & 31] = (letters[unit & 31] ?? 0) + 1;
    key = ((key << keyBits) | (unit & 31)) & mask;
    unitBefore = unit;
  }
  steps[(from << bits) | end] = 1;
  return { bytes, steps, letters, englishWords };
}

/** The second half of a surrogate pair completes the four bytes of which three were counted for the first. */
function wideBytes(unit: number, unitBefore: number): number {
  if (unit < 0x800) return 2;
  return unit >> 10 === 0x37 && unitBefore >> 10 === 0x36 ? 1 : 3;
}
