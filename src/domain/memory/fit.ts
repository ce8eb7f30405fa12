import type { ContextBudget } from "../context/budget.ts";
import { flattenName, quoteFailure, quoteMessage } from "../speaker/quote.ts";
import { countCodePoints, firstCodePoints, headOf, headWithin, tailWithin, utf8Bytes } from "../text/utf8.ts";
import type { ChunkInput, ChunkMessage, CountTokens, UnsummarizedMessage } from "./chunk.ts";
import type { SummaryCursor } from "./entry.ts";

/** A text's length by both of its measures. */
export interface Size {
  readonly tokens: number;
  readonly bytes: number;
}

// A count may be an estimate that is too low for some script, but few tokenizers need a token for less than four bytes of it.
const bytesPerToken = 4;
// What a reply of some length can do justice to: a longer chunk would only cost more and tell less.
const inputPerOutput = 16;
const minChunkTokens = 4096;

/** How large a chunk's prompt may be: within the model's input, and no more than its reply can hold the essence of. */
export function chunkSize({ inputBudget, outputReserve }: ContextBudget): Size {
  const tokens = Math.min(inputBudget, Math.max(minChunkTokens, inputPerOutput * outputReserve));
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
export function fraction(free: Size, parts: number, maxBytes: number): Size {
  const bytes = Math.min(maxBytes, Math.floor(free.bytes / parts));
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

export const maxNarrativeBytes = 6000;

const gap = "\n[…]\n";
const gapBytes = utf8Bytes(gap);

/** How the story began and what came last; what is too long gives way in the middle, and a later cut widens the same gap. */
export function boundNarrative(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && utf8Bytes(text) <= maxBytes) return text;
  const most = maxBytes - gapBytes;
  if (most <= 0) return "";
  const gapAt = text.indexOf(gap);
  const head = headWithin(gapAt < 0 ? text : text.slice(0, gapAt), Math.floor(most / 3)).trimEnd();
  const tail = tailWithin(gapAt < 0 ? text : text.slice(gapAt + gap.length), most - utf8Bytes(head)).trimStart();
  return head + gap + tail;
}

/** The beginning of a name, on one line. */
export function flatHead(name: string, maxUnits: number): string {
  return headOf(flattenName(headOf(name, 4 * maxUnits)), maxUnits);
}

interface Piece {
  readonly message: ChunkMessage;
  readonly quoted: string;
}

interface Taken {
  readonly pieces: readonly Piece[];
  readonly cursor: SummaryCursor | null;
}

/** As many messages as fit, oldest first. */
export function takeMessages(input: ChunkInput, free: Size): Taken {
  const pieces: Piece[] = [];
  let space = free;
  let cursor: SummaryCursor | null = null;
  for (const message of input.messages) {
    if (message.turn_index > input.through_turn_index) return { pieces, cursor: null };
    const piece = takePiece(message, input, space, pieces.length);
    if (piece === null) return { pieces, cursor: cursorAt(message, message.from_offset) };
    pieces.push(piece);
    cursor = cursorAt(message, piece.message.to);
    if (piece.message.to < message.length) return { pieces, cursor };
    space = subtract(space, sizeOf(piece.quoted, input.tokenCount));
  }
  return { pieces, cursor: input.has_more ? cursor : null };
}

function cursorAt({ turn_index, position }: UnsummarizedMessage, offset: number): SummaryCursor {
  return { turn_index, position, offset };
}

/** All that was read of a message; where that would not even fit alone, its head. Null: it waits for the next chunk. */
function takePiece(message: UnsummarizedMessage, input: ChunkInput, space: Size, place: number): Piece | null {
  const ref = `m${place + 1}`;
  const fits = (text: string) =>
    text.length <= space.bytes && isWithin(sizeOf(quotePiece(message, ref, text), input.tokenCount), space);
  if (fits(message.text)) return toPiece(message, ref, message.text);
  return place > 0 ? null : toPiece(message, ref, headThatFits(message.text, space, fits));
}

function toPiece(message: UnsummarizedMessage, ref: string, text: string): Piece {
  const { id, turn_index, author, agent_key, from_offset, length } = message;
  const isAll = text === "" && message.text === "";
  const to = isAll ? length : Math.min(length, from_offset + countCodePoints(text));
  return {
    message: { ref, id, turn_index, author, agent_key, from: from_offset, to, text },
    quoted: quotePiece(message, ref, text),
  };
}

// However small a model is, each chunk gets on: bytes leave room for so many characters beside everything else.
const minCodePoints = 32;

function headThatFits(text: string, space: Size, fits: (text: string) => boolean): string {
  const most = Math.max(0, Math.min(text.length, space.bytes));
  const head = headOf(
    text,
    largestThatFits(most, (units) => fits(headOf(text, units))),
  );
  const least = firstCodePoints(text, minCodePoints);
  return head.length <= least.length ? least : untilBreak(head);
}

/** Up to the last break in the last quarter: a line's end, else a sentence's, else a word's. */
function untilBreak(head: string): string {
  const from = Math.floor((head.length * 3) / 4);
  const end = head.slice(from);
  const sentence = Math.max(...[". ", "! ", "? ", "。"].map((mark) => end.lastIndexOf(mark)));
  const at = [end.lastIndexOf("\n"), sentence, end.lastIndexOf(" ")].find((place) => place >= 0);
  return at === undefined ? head : head.slice(0, from + at + 1);
}

const maxSpeakerUnits = 24;
const userSpeaker = { key: "@user", name: "User" };

/** A message, or a piece of it, as the summarizer reads it. */
function quotePiece(message: UnsummarizedMessage, ref: string, text: string): string {
  const continued = message.from_offset > 0 ? ", continued" : "";
  return `${ref} (turn ${message.turn_index}${continued}):\n${quoteWords(message, text)}\n\n`;
}

function quoteWords(message: UnsummarizedMessage, text: string): string {
  if (message.author === "user") return quoteMessage(userSpeaker, text);
  const speaker = { key: message.agent_key ?? "", name: flatHead(message.agent_name ?? "", maxSpeakerUnits) };
  if (message.author === "agent") return quoteMessage(speaker, text);
  const errorType = flatHead(message.error_type ?? "unknown", maxSpeakerUnits);
  return quoteFailure({ kind: "failed_agent", ...speaker, errorType }, text);
}
