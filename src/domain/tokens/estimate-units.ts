import { oftenSeen } from "./estimate-often.ts";

/** What a UTF-16 unit is to a tokenizer. */
export const unitKind = {
  lower: 0,
  upper: 1,
  accented: 2,
  digit: 3,
  space: 4,
  newline: 5,
  tab: 6,
  control: 7,
  mark: 8,
  /** A comma or a full stop. */
  stop: 9,
  /** A mark that is the same as the one before it. */
  repeated: 10,
  latinSign: 11,
  greek: 12,
  cyrillic: 13,
  hebrew: 14,
  arabic: 15,
  indic: 16,
  thai: 17,
  quotation: 18,
  sign: 19,
  cjkMark: 20,
  hiraganaOften: 21,
  hiraganaSeldom: 22,
  katakana: 23,
  hanOften: 24,
  hanSeldom: 25,
  hangulOften: 26,
  hangulSeldom: 27,
  surrogate: 28,
  rare: 29,
  end: 30,
} as const;

export type UnitKind = (typeof unitKind)[keyof typeof unitKind];

export const unitKinds: readonly UnitKind[] = Object.values(unitKind);

/** Where each range of units begins. */
const ranges: readonly (readonly [from: number, kind: UnitKind])[] = [
  [0x80, unitKind.latinSign],
  [0xc0, unitKind.accented],
  [0x250, unitKind.latinSign],
  [0x370, unitKind.greek],
  [0x400, unitKind.cyrillic],
  [0x530, unitKind.rare],
  [0x590, unitKind.hebrew],
  [0x600, unitKind.arabic],
  [0x700, unitKind.rare],
  [0x900, unitKind.indic],
  [0xe00, unitKind.thai],
  [0xe80, unitKind.rare],
  [0x1100, unitKind.hangulSeldom],
  [0x1200, unitKind.rare],
  [0x1e00, unitKind.accented],
  [0x1f00, unitKind.greek],
  [0x2000, unitKind.quotation],
  [0x2070, unitKind.sign],
  [0x2e80, unitKind.hanSeldom],
  [0x3000, unitKind.cjkMark],
  [0x3040, unitKind.hiraganaSeldom],
  [0x30a0, unitKind.katakana],
  [0x3100, unitKind.cjkMark],
  [0x3400, unitKind.hanSeldom],
  [0xa000, unitKind.rare],
  [0xac00, unitKind.hangulSeldom],
  [0xd7b0, unitKind.rare],
  [0xd800, unitKind.surrogate],
  [0xe000, unitKind.rare],
  [0xf900, unitKind.hanSeldom],
  [0xfb00, unitKind.rare],
  [0xff00, unitKind.cjkMark],
  [0xfff0, unitKind.rare],
];

/** Kinds whose characters that are often seen have a kind of their own, one lower. */
const graded: readonly UnitKind[] = [unitKind.hiraganaSeldom, unitKind.hanSeldom, unitKind.hangulSeldom];

/** One look-up for each unit, whatever it is. */
const kindByUnit = unitTable();

/** A UnitKind, as a plain number, since the table holds no other. */
export function kindOf(unit: number, unitBefore: number): number {
  const kind = kindByUnit[unit] ?? unitKind.rare;
  return unit === unitBefore && (kind === unitKind.mark || kind === unitKind.stop) ? unitKind.repeated : kind;
}

function unitTable(): Uint8Array {
  const kinds = new Uint8Array(0x10000);
  for (let unit = 0; unit < 0x80; unit++) kinds[unit] = asciiKind(unit);
  for (const [from, kind] of ranges) kinds.fill(kind, from);
  const isGraded = (kind: number) => graded.some((known) => known === kind);
  for (let index = 0; index < oftenSeen.length; index++) {
    const unit = oftenSeen.charCodeAt(index);
    const kind = kinds[unit] ?? unitKind.rare;
    if (isGraded(kind)) kinds[unit] = kind - 1;
  }
  return kinds;
}

function asciiKind(unit: number): UnitKind {
  if (unit >= 0x61 && unit <= 0x7a) return unitKind.lower;
  if (unit >= 0x41 && unit <= 0x5a) return unitKind.upper;
  if (unit >= 0x30 && unit <= 0x39) return unitKind.digit;
  if (unit === 0x20) return unitKind.space;
  if (unit === 0x0a || unit === 0x0d) return unitKind.newline;
  if (unit === 0x09) return unitKind.tab;
  if (unit === 0x2c || unit === 0x2e) return unitKind.stop;
  return unit < 0x20 || unit === 0x7f ? unitKind.control : unitKind.mark;
}
