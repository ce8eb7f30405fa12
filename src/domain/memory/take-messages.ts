import { quoteFailure, quoteMessage } from "../speaker/quote.ts";
import { countCodePoints, firstCodePoints, headOf } from "../text/utf8.ts";
import type { ChunkInput, ChunkMessage, UnsummarizedMessage } from "./chunk.ts";
import type { SummaryCursor } from "./entry.ts";
import { flatHead, isWithin, largestThatFits, type Size, sizeOf, subtract } from "./fit-text.ts";

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
const leastCodePoints = 32;

function headThatFits(text: string, space: Size, fits: (text: string) => boolean): string {
  const most = Math.max(0, Math.min(text.length, space.bytes));
  const head = headOf(
    text,
    largestThatFits(most, (units) => fits(headOf(text, units))),
  );
  const least = firstCodePoints(text, leastCodePoints);
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

const mostSpeakerUnits = 24;
const userSpeaker = { key: "@user", name: "User" };

/** A message, or a piece of it, as the summarizer reads it. */
function quotePiece(message: UnsummarizedMessage, ref: string, text: string): string {
  const continued = message.from_offset > 0 ? ", continued" : "";
  return `${ref} (turn ${message.turn_index}${continued}):\n${quoteWords(message, text)}\n\n`;
}

function quoteWords(message: UnsummarizedMessage, text: string): string {
  if (message.author === "user") return quoteMessage(userSpeaker, text);
  const speaker = { key: message.agent_key ?? "", name: flatHead(message.agent_name ?? "", mostSpeakerUnits) };
  if (message.author === "agent") return quoteMessage(speaker, text);
  const errorType = flatHead(message.error_type ?? "unknown", mostSpeakerUnits);
  return quoteFailure({ kind: "failed_agent", ...speaker, errorType }, text);
}
