import { headOf, utf8Bytes } from "../meter/utf8.ts";
import { estimateTokens } from "./budget.ts";
import type { CutMessage, WindowMessage, WindowTurn } from "./window.ts";

export const shortenedMarker = "\n[shortened]";
const carryFloorTokens = 128;

const markerTokens = estimateTokens(shortenedMarker);

export interface ShortenedTurn {
  readonly turn: WindowTurn;
  readonly cuts: readonly CutMessage[];
}

/** Levels the longest carried replies down until the turn is `excessTokens` smaller, or all are at the floor. */
export function shortenCarried(turn: WindowTurn, excessTokens: number): ShortenedTurn {
  const carried = turn.messages.filter(isShortenable).map((message) => message.tokens);
  const available = carried.reduce((sum, tokens) => sum + tokens, 0) - excessTokens;
  const level = Math.max(carryFloorTokens, levelThatFits(carried, available));
  const cuts: CutMessage[] = [];
  const messages = turn.messages.map((message) => {
    if (!isShortenable(message) || message.tokens <= level) return message;
    const keptText = headOf(message.text, keptCharacters(message, level));
    cuts.push(shortenedCut(message, keptText));
    return { ...message, text: keptText + shortenedMarker, tokens: shortenedTokens(message, keptText.length) };
  });
  return { turn: { ...turn, messages }, cuts };
}

function isShortenable(message: WindowMessage): boolean {
  return message.author.kind === "agent" && !message.isPinned && message.tokens > carryFloorTokens;
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

function keptCharacters(message: WindowMessage, level: number): number {
  return Math.floor((message.text.length * (level - markerTokens)) / message.tokens);
}

// In proportion to the stored count, so that a calibrated count stays calibrated.
export function shortenedTokens(message: WindowMessage, keptLength: number): number {
  return Math.ceil((message.tokens * keptLength) / Math.max(1, message.text.length)) + markerTokens;
}

export function shortenedCut(message: WindowMessage, keptText: string): CutMessage {
  return {
    messageId: message.id,
    rule: "shortened_carry",
    keptCharacters: keptText.length,
    keptBytes: utf8Bytes(keptText),
    originalBytes: utf8Bytes(message.text),
  };
}
