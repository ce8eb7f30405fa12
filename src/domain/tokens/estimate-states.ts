import { type UnitKind, unitKind, unitKinds } from "./estimate-units.ts";

/** Where a scan stands: in what it is, and how far into it. Numbered, so that the steps fit a table. */
export const state = {
  start: 0,
  /** The n-th letter of a word that has at most one capital, at its head. */
  small: 1,
  smallTail: 16,
  capital: 17,
  /** The n-th letter in capitals, from the second on. */
  capitals: 18,
  capitalsTail: 24,
  smallAfterCapitals: 25,
  digit: 26,
  digitLast: 28,
  space: 29,
  spaceTail: 30,
  newline: 31,
  newlines: 32,
  newlineTail: 33,
  tab: 34,
  tabTail: 35,
  stop: 36,
  mark: 37,
  spacedMark: 38,
  /** The n-th of several marks, from the second on. */
  marks: 39,
  marksTail: 42,
  rule: 43,
  ruleTail: 44,
  /** One for each of the other kinds. */
  script: 45,
} as const;

const firstScript = unitKind.latinSign;
const stateCount = state.script + unitKinds.length - firstScript + 1;
export const kindBits = 5;

export const stepCount = stateCount << kindBits;
/** What is between two units: the state before, and the kind of what comes. */
export function stepOf(from: number, kind: number): number {
  return (from << kindBits) | kind;
}

/** By step. */
export const stateAfter = stepTable();

export function isWordState(from: number): boolean {
  return from >= state.small && from <= state.smallAfterCapitals;
}

export function isSingleMarkState(from: number): boolean {
  return from >= state.stop && from <= state.spacedMark;
}

export function isMarkState(from: number): boolean {
  return from >= state.stop && from <= state.ruleTail;
}

export function isSpaceState(from: number): boolean {
  return from === state.space || from === state.spaceTail;
}

/** Every step there is. */
export function everyStep(): readonly { readonly from: number; readonly kind: UnitKind }[] {
  return Array.from({ length: stateCount }, (_, from) => unitKinds.map((kind) => ({ from, kind }))).flat();
}

function stepTable(): Uint8Array {
  const table = new Uint8Array(stepCount);
  for (const { from, kind } of everyStep()) table[stepOf(from, kind)] = nextState(from, kind);
  return table;
}

function nextState(from: number, kind: UnitKind): number {
  switch (kind) {
    case unitKind.lower:
    case unitKind.accented:
      return afterSmallLetter(from);
    case unitKind.upper:
      return afterCapital(from);
    case unitKind.digit:
      return within(from, state.digit, state.digitLast) && from !== state.digitLast ? from + 1 : state.digit;
    case unitKind.space:
      return isSpaceState(from) ? state.spaceTail : state.space;
    case unitKind.newline:
      return within(from, state.newline, state.newlineTail) ? Math.min(from + 1, state.newlineTail) : state.newline;
    case unitKind.tab:
      return within(from, state.tab, state.tabTail) ? state.tabTail : state.tab;
    case unitKind.mark:
    case unitKind.stop:
    case unitKind.repeated:
      return afterMark(from, kind);
    case unitKind.hiraganaOften:
    case unitKind.hanOften:
    case unitKind.hangulOften:
      return scriptState(kind + 1);
    default:
      return kind < firstScript ? state.start : scriptState(kind);
  }
}

function scriptState(kind: number): number {
  return state.script + kind - firstScript;
}

function within(from: number, first: number, last: number): boolean {
  return from >= first && from <= last;
}

function afterSmallLetter(from: number): number {
  if (within(from, state.small, state.smallTail)) return Math.min(from + 1, state.smallTail);
  if (from === state.capital) return state.small + 1;
  return within(from, state.capitals, state.smallAfterCapitals) ? state.smallAfterCapitals : state.small;
}

/** After a small letter a capital begins a word of its own, as tokenizers have it. */
function afterCapital(from: number): number {
  if (from === state.capital) return state.capitals;
  return within(from, state.capitals, state.capitalsTail) ? Math.min(from + 1, state.capitalsTail) : state.capital;
}

function afterMark(from: number, kind: UnitKind): number {
  if (within(from, state.rule, state.ruleTail)) return kind === unitKind.repeated ? state.ruleTail : state.marks + 1;
  if (within(from, state.marks, state.marksTail)) return Math.min(from + 1, state.marksTail);
  if (isSingleMarkState(from)) return kind === unitKind.repeated ? state.rule : state.marks;
  if (kind === unitKind.stop) return state.stop;
  return isSpaceState(from) ? state.spacedMark : state.mark;
}
