import type { MessageAuthor } from "../context/window.ts";
import { headWithin, utf8Bytes } from "../text/utf8.ts";

export interface Speaker {
  readonly key: string;
  readonly name: string;
}

/** Another agent's words as data: whatever they hold, they cannot close this element or open one. */
export function quoteMessage(from: Speaker, text: string, attributes = speakerAttributes(from)): string {
  return `<message ${attributes}>${quotedBody(text)}</message>`;
}

export function quoteFailure(from: Extract<MessageAuthor, { kind: "failed_agent" }>, message: string): string {
  return `<error ${speakerAttributes(from)} type="${escapeAttribute(from.errorType)}">${quotedBody(message)}</error>`;
}

export function quoteSummary(text: string): string {
  return `<summary>${quotedBody(text)}</summary>`;
}

/** An answer whose author is not to be known. */
export function quoteAnswer(label: string, text: string): string {
  return `<answer label="${escapeAttribute(label)}">${quotedBody(text)}</answer>`;
}

/** What the room asks of one agent: others may have had a hand in it, so it cannot leave its element either. */
export function quoteInstruction(text: string): string {
  return `<instruction>${quotedBody(text)}</instruction>`;
}

/** An agent as the room itself names it. */
export function showSpeaker({ name, key }: Speaker): string {
  return `${withoutQuotes(flattenName(name))} (${key})`;
}

/**
 * The user's words stay as they are, except for what would pass for one of the quotes: also at their end, where the next
 * message is joined on.
 */
export function withoutQuotes(text: string): string {
  return text.replace(/<(?=[\s/]*(?:$|(?:message|error|summary|answer|instruction)(?![\p{L}\p{N}])))/giu, "&lt;");
}

/** A name that shows on one line. */
export function flattenName(name: string): string {
  return name.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** How many bytes a text is in a quote, at most. */
export function escapedBytes(text: string): number {
  return utf8Bytes(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
}

/** The head of a text that has so many bytes in a quote, however it is quoted. */
export function headWithinQuote(text: string, maxBytes: number): string {
  return headWithin(text, maxBytes, escapedBytes);
}

/** The same for all that one speaker says. */
export function speakerAttributes(from: Speaker): string {
  return `from="${escapeAttribute(from.name)}" key="${escapeAttribute(from.key)}"`;
}

// An ampersand is escaped only where it would read as an escape: code in a reply stays readable, and decoding is unique.
export function quotedBody(text: string): string {
  return text.replace(/&(?=(?:amp|lt);)/g, "&amp;").replace(/</g, "&lt;");
}

function escapeAttribute(value: string): string {
  return flattenName(value).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
