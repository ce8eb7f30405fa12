import { headOf, utf8Bytes } from "../text/utf8.ts";
import { estimateTokens } from "./budget.ts";
import type { ShortenRule, WindowMessage, WindowTurn } from "./window.ts";

export const shortenedMarker = "\n[shortened]";
const carryFloorTokens = 128;

const markerTokens = estimateTokens(shortenedMarker);

/** Levels the longest carried replies down until the turn is `excessTokens` smaller, or all are at the floor. */
export function shortenCarried(turn: WindowTurn, excessTokens: number): WindowTurn {
  const carried = turn.messages.filter(isShortenable).map(bodyTokens);
  const available = carried.reduce((sum, tokens) => sum + tokens, 0) - excessTokens;
  const level = Math.max(carryFloorTokens, levelThatFits(carried, available));
  const messages = turn.messages.map((message) => {
    if (!isShortenable(message) || bodyTokens(message) <= level) return message;
    return shorten(message, unitsThatFit(message, level + message.wrapperTokens), "shortened_carry");
  });
  return { ...turn, messages };
}

function isShortenable(message: WindowMessage): boolean {
  return message.author.kind === "agent" && !message.isPinned && bodyTokens(message) > carryFloorTokens;
}

function bodyTokens({ tokens, wrapperTokens }: WindowMessage): number {
  return tokens - wrapperTokens;
}

/** The largest level at which the sizes, each cut to the level, sum to at most what is available. */
function levelThatFits(sizes: readonly number[], available: number): number {
  let remaining = available;
  let longer = sizes.length;
  for (const size of sizes.toSorted((left, right) => left - right)) {
    if (size * longer > remaining) return Math.floor(remaining / longer);
    remaining -= size;
    longer -= 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** How many of its text's units fit into so many tokens, the marker included. */
export function unitsThatFit(message: WindowMessage, maxTokens: number): number {
  const free = maxTokens - markerTokens - message.wrapperTokens;
  return Math.floor((message.text.length * free) / Math.max(1, bodyTokens(message)));
}

/** The head of its text, followed by the marker; of one that was shortened before, less of the stored text. */
export function shorten(message: WindowMessage, units: number, rule: ShortenRule): WindowMessage {
  const kept = headOf(textOf(message), units);
  const shortened = {
    rule,
    keptCharacters: kept.length,
    keptBytes: utf8Bytes(kept),
    originalBytes: message.shortened?.originalBytes ?? utf8Bytes(message.text),
  };
  return { ...message, text: kept + shortenedMarker, tokens: shortenedTokens(message, kept.length), shortened };
}

/** What is left of the stored text, without the marker. */
export function textOf({ text, shortened }: WindowMessage): string {
  return shortened === null ? text : text.slice(0, shortened.keptCharacters);
}

// In proportion to the stored count, so that a calibrated count stays calibrated.
function shortenedTokens(message: WindowMessage, keptLength: number): number {
  const kept = Math.ceil((bodyTokens(message) * keptLength) / Math.max(1, message.text.length));
  return Math.min(message.tokens, kept + message.wrapperTokens + markerTokens);
}
