import { headOf, utf8Bytes } from "../text/utf8.ts";

/** The longest tail within the bytes, never half of a character. */
export function tailWithin(text: string, mostBytes: number): string {
  let start = text.length;
  let bytes = 0;
  while (start > 0) {
    const before = headOf(text.slice(Math.max(0, start - 2), start), 1).length === 0 ? start - 2 : start - 1;
    bytes += utf8Bytes(text.slice(before, start));
    if (bytes > mostBytes) break;
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

/** The largest whole number up to `most` that fits, where whatever is smaller than a number that fits fits too. */
export function largestThatFits(most: number, fits: (candidate: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
