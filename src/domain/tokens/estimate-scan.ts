import { bitsPerUnit, isEnglishKey, keyMask } from "./estimate-english.ts";
import { kindBits, state, stateAfter, stepCount } from "./estimate-states.ts";
import { kindOf, unitKind } from "./estimate-units.ts";

/** A string, or what can be read like one. */
export type Units = Pick<string, "length" | "charCodeAt">;

export interface Scan {
  /** In UTF-8. */
  readonly bytes: number;
  /** How often each step was taken. */
  readonly steps: Int32Array;
  /** How often each letter stands in a word's fourth place or after it; by the letter's low five bits. */
  readonly letters: Int32Array;
  readonly englishWords: number;
}

// Bound here once: where modules are not bundled, an import is looked up at each use.
const { lower, space, end } = unitKind;
const { start, smallTail } = state;
const [kindAt, nextState, bits, mask, keyBits] = [kindOf, stateAfter, kindBits, keyMask, bitsPerUnit] as const;
const firstRated = state.small + 3;
const secondLetter = state.small + 1;
const thirdLetter = state.small + 2;

/** Reads each unit once, and does the same little for each, so that no text takes longer than another of its length. */
export function scanUnits(units: Units): Scan {
  const steps = new Int32Array(stepCount);
  const letters = new Int32Array(32);
  const { length } = units;
  let bytes = 0;
  let englishWords = 0;
  let from: number = start;
  let unitBefore = 0;
  let key = 0;
  for (let index = 0; index < length; index++) {
    const unit = units.charCodeAt(index);
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
