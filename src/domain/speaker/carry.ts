import { shorten, shortenedMarker } from "../context/shorten.ts";
import type { WindowMessage } from "../context/window.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { escapedBytes, headWithinQuote, quoteFailure, quoteMessage } from "./quote.ts";

const bytesPerToken = 5;

/** How long an agent's words may be, as quoted, in the prompts of others: a full reply in most languages, and never more. */
export function maxCarriedBytes(maxOutputTokens: number): number {
  return bytesPerToken * maxOutputTokens;
}

/** What is carried of a message: all of it, or of an agent's the head that fits, followed by the marker. */
export function carry(message: WindowMessage, maxBytes: number): WindowMessage {
  if (isSurelyWithin(message, maxBytes)) return message;
  const frame = frameBytes(message);
  if (frame === null || isWithin(message.text, maxBytes - frame)) return message;
  const units = headWithinQuote(message.text, maxBytes - frame - utf8Bytes(shortenedMarker)).length;
  return shorten(message, units, "shortened_carry");
}

/** The bytes that a message can be in a prompt, whoever reads it. */
export function carriedBytes(message: Pick<WindowMessage, "author" | "text">, maxBytes: number): number {
  return Math.min(maxBytes, (frameBytes(message) ?? 0) + escapedBytes(message.text));
}

/** The bytes of the quote around an agent's words; null for what is not an agent's. */
function frameBytes({ author }: Pick<WindowMessage, "author">): number | null {
  if (author.kind === "agent") return utf8Bytes(quoteMessage(author, ""));
  return author.kind === "failed_agent" ? utf8Bytes(quoteFailure(author, "")) : null;
}

// However each of its units is escaped, and those of its author's name: of what is short no more need be known.
const maxEscapedBytes = 6;
const emptyFrameBytes = 64;

function isSurelyWithin({ author, text }: WindowMessage, maxBytes: number): boolean {
  const named = "key" in author ? author.key.length + author.name.length : 0;
  const error = author.kind === "failed_agent" ? author.errorType.length : 0;
  return emptyFrameBytes + maxEscapedBytes * (named + error + text.length) <= maxBytes;
}

// No unit is less than a byte: how long a text is that cannot fit need not be known.
function isWithin(text: string, maxBytes: number): boolean {
  return text.length <= maxBytes && escapedBytes(text) <= maxBytes;
}
