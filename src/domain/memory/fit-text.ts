import type { ContextBudget } from "../context/budget.ts";
import { flattenName } from "../speaker/quote.ts";
import { headOf, headWithin, tailWithin, utf8Bytes } from "../text/utf8.ts";

export type CountTokens = (text: string) => number;

/** A text's length by both of its measures. */
export interface Size {
  readonly tokens: number;
  readonly bytes: number;
}

// A count may be an estimate that is too low for some script, but few tokenizers need a token for less than four bytes of it.
const bytesPerToken = 4;
// What a reply of some length can do justice to: a longer chunk would only cost more and tell less.
const inputPerOutput = 16;
const leastChunkTokens = 4096;

/** How large a chunk's prompt may be: within the model's input, and no more than its reply can hold the essence of. */
export function chunkSize({ inputBudget, outputReserve }: ContextBudget): Size {
  const tokens = Math.min(inputBudget, Math.max(leastChunkTokens, inputPerOutput * outputReserve));
  return { tokens, bytes: bytesPerToken * tokens };
}

/** With a token to spare: parts that are counted apart, each of them rounded, may be more when they are joined. */
export function sizeOf(text: string, count: CountTokens): Size {
  return text === "" ? { tokens: 0, bytes: 0 } : { tokens: count(text) + 1, bytes: utf8Bytes(text) };
}

export function isWithin(size: Size, most: Size): boolean {
  return size.tokens <= most.tokens && size.bytes <= most.bytes;
}

export function subtract(whole: Size, part: Size): Size {
  return { tokens: whole.tokens - part.tokens, bytes: whole.bytes - part.bytes };
}

/** A part of what is free, and never more than so many bytes of it. */
export function fraction(free: Size, parts: number, mostBytes: number): Size {
  const bytes = Math.min(mostBytes, Math.floor(free.bytes / parts));
  return { tokens: Math.max(0, Math.floor(free.tokens / parts)), bytes: Math.max(0, bytes) };
}

/** The whole text, or the longest cut of it that fits. */
export function cutToFit(
  whole: string,
  { most, count }: { readonly most: Size; readonly count: CountTokens },
  cut: (bytes: number) => string,
): string {
  const fits = (text: string) => text.length <= most.bytes && isWithin(sizeOf(text, count), most);
  if (fits(whole)) return whole;
  return cut(largestThatFits(most.bytes, (bytes) => fits(cut(bytes))));
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

export const mostNarrativeBytes = 6000;

const gap = "\n[…]\n";
const gapBytes = utf8Bytes(gap);

/** How the story began and what came last; what is too long gives way in the middle, and a later cut widens the same gap. */
export function boundNarrative(text: string, mostBytes: number): string {
  if (text.length <= mostBytes && utf8Bytes(text) <= mostBytes) return text;
  const most = mostBytes - gapBytes;
  if (most <= 0) return "";
  const gapAt = text.indexOf(gap);
  const head = headWithin(gapAt < 0 ? text : text.slice(0, gapAt), Math.floor(most / 3)).trimEnd();
  const tail = tailWithin(gapAt < 0 ? text : text.slice(gapAt + gap.length), most - utf8Bytes(head)).trimStart();
  return head + gap + tail;
}

/** The beginning of a name, on one line. */
export function flatHead(name: string, mostUnits: number): string {
  return headOf(flattenName(headOf(name, 4 * mostUnits)), mostUnits);
}
