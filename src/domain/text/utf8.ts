/** The length in UTF-8; an unpaired surrogate counts as the three bytes of its replacement. */
export function utf8Bytes(text: string): number {
  if (!beyondAscii.test(text)) return text.length;
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && isPairAt(text, index)) index += 1;
  }
  return bytes;
}

// Most text is nothing else, and then the engine itself finds out in a tenth of the time.
const beyondAscii = /[\u0080-\uffff]/;

/** The text's first units, never half of a surrogate pair. */
export function headOf(text: string, units: number): string {
  const end = Math.max(0, Math.min(units, text.length));
  return text.slice(0, end > 0 && isPairAt(text, end - 1) ? end - 1 : end);
}

/** The longest beginning of so many bytes at most, as they are counted where it goes, never half of a character. */
export function headWithin(text: string, bytes: number, bytesOf: (text: string) => number = utf8Bytes): string {
  if (text.length <= bytes && bytesOf(text) <= bytes) return text;
  let units = 0;
  let used = 0;
  for (const character of text) {
    used += bytesOf(character);
    if (used > bytes) break;
    units += character.length;
  }
  return text.slice(0, units);
}

/** The longest tail within the bytes, never half of a character. */
export function tailWithin(text: string, maxBytes: number): string {
  let start = text.length;
  let bytes = 0;
  while (start > 0) {
    const before = headOf(text.slice(Math.max(0, start - 2), start), 1).length === 0 ? start - 2 : start - 1;
    bytes += utf8Bytes(text.slice(before, start));
    if (bytes > maxBytes) break;
    start = before;
  }
  return text.slice(start);
}

export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text's first code points. No code point is longer than two units. */
export function firstCodePoints(text: string, count: number): string {
  return [...text.slice(0, 2 * count)].slice(0, count).join("");
}

function isPairAt(text: string, index: number): boolean {
  return isBetween(text.charCodeAt(index), 0xd800, 0xdbff) && isBetween(text.charCodeAt(index + 1), 0xdc00, 0xdfff);
}

function isBetween(unit: number, low: number, high: number): boolean {
  return unit >= low && unit <= high;
}
