import { letterPrices, price, scriptPriceByKind } from "./estimate-price-table.ts";
import {
  everyStep,
  isMarkState,
  isSingleMarkState,
  isSpaceState,
  state,
  stateAfter,
  stepCount,
  stepOf,
} from "./estimate-states.ts";
import { type UnitKind, unitKind } from "./estimate-units.ts";

/** What a step adds to the estimate. */
export const priceByStep = stepPrices();
/** By the letter's low five bits. */
export const priceByLetter = Float64Array.from({ length: 32 }, (_, bits) => letterPrices[letterOf(bits)] ?? 0);

function letterOf(bits: number): string {
  return String.fromCharCode(0x60 + bits);
}

function stepPrices(): Float64Array {
  const prices = new Float64Array(stepCount);
  for (const { from, kind } of everyStep()) {
    const step = stepOf(from, kind);
    prices[step] = priceOfLeaving(from, kind) + priceOfUnit({ from, kind, to: stateAfter[step] ?? state.start });
  }
  return prices;
}

function isLetter(kind: UnitKind): boolean {
  return kind <= unitKind.accented;
}

function isMark(kind: UnitKind): boolean {
  return kind === unitKind.mark || kind === unitKind.stop || kind === unitKind.repeated;
}

/** A single mark is priced by what follows: in front of a letter it is often part of the word's first token. */
function priceOfLeaving(from: number, kind: UnitKind): number {
  if (!isSingleMarkState(from) || isMark(kind)) return 0;
  if (from === state.stop) return isLetter(kind) ? price.stopBeforeLetter : price.stop;
  if (from === state.mark) return isLetter(kind) ? price.markBeforeLetter : price.mark;
  return isLetter(kind) ? price.spacedMarkBeforeLetter : price.spacedMark;
}

interface Step {
  readonly from: number;
  readonly kind: UnitKind;
  readonly to: number;
}

function priceOfUnit({ from, kind, to }: Step): number {
  switch (kind) {
    case unitKind.lower:
    case unitKind.upper:
      return priceOfLetter(to);
    case unitKind.accented:
      return priceOfLetter(to) + price.accent;
    case unitKind.digit:
      return (to === state.digit ? price.digits : 0) + (isSpaceState(from) ? price.numberAfterSpace : 0);
    case unitKind.space:
      return to === state.space ? 0 : from === state.space ? price.wideSpace : price.spaceTail;
    case unitKind.newline:
      return priceOfNewline(from, to);
    case unitKind.tab:
      return to === state.tab ? price.tab : price.tabTail;
    case unitKind.control:
      return price.control;
    case unitKind.mark:
    case unitKind.stop:
    case unitKind.repeated:
      return priceOfMark(to);
    case unitKind.end:
      return 0;
    default:
      return priceOfScript({ from, kind, to });
  }
}

function priceOfLetter(to: number): number {
  if (to === state.small || to === state.capital) return price.wordBegins;
  if (to === state.capitals) return price.capitalWord;
  if (to === state.capitalsTail) return price.capitalTail;
  if (to === state.smallAfterCapitals) return price.smallAfterCapitals;
  if (to < state.small + 10 || to > state.smallTail) return 0;
  return to < state.small + 13 ? price.letter11to13 : price.letter14on;
}

function priceOfNewline(from: number, to: number): number {
  if (to === state.newline) return isMarkState(from) ? price.newlineAfterMark : price.newline;
  return to === state.newlines ? price.emptyLine : price.newlineTail;
}

function priceOfMark(to: number): number {
  if (to === state.rule) return price.rule;
  if (to === state.ruleTail) return price.ruleTail;
  if (to === state.marks) return price.twoMarks;
  if (to === state.marks + 1) return price.thirdMark;
  if (to === state.marksTail) return price.furtherMark;
  return 0;
}

function priceOfScript({ from, kind, to }: Step): number {
  const { unit, run } = scriptPriceByKind.get(kind) ?? { unit: 1, run: 0 };
  if (from === to) return unit;
  return unit + run + (isSpaceState(from) && isSpaced(kind) ? price.scriptAfterSpace : 0);
}

function isSpaced(kind: UnitKind): boolean {
  return kind >= unitKind.greek && kind !== unitKind.quotation && kind !== unitKind.sign && kind !== unitKind.cjkMark;
}
