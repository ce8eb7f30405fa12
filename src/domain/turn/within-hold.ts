import { shortenToLines } from "../context/fit-summary.ts";
import { type FittedWindow, windowMessages } from "../context/fit-window.ts";
import { shortenedMarker, textOf } from "../context/shorten.ts";
import { cuttableUnits, type Unit, withoutMessages } from "../context/units.ts";
import { type CutMessage, shortenedCuts, type WindowMessage } from "../context/window.ts";
import { maxPromptTokens } from "../meter/bound.ts";
import type { PromptMessage } from "../speaker/build-prompt.ts";
import { headWithin, utf8Bytes } from "../text/utf8.ts";
import { promptSpareTokens } from "./hold.ts";

export interface HeldPrompt {
  readonly window: FittedWindow;
  readonly messages: readonly PromptMessage[];
}

/**
 * Leaves out the oldest history, and then of the summary, until the prompt is within what is held for it. Only a session that
 * grew while the turn was being made needs this; the turn itself always fits. Measured again after each cut, since a cut
 * history may need words to open it.
 */
export function withinHold(
  window: FittedWindow,
  promptBound: number | null,
  build: (window: FittedWindow) => readonly PromptMessage[],
): HeldPrompt {
  const messages = build(window);
  const excess = promptBound === null ? 0 : maxPromptTokens(messages) + promptSpareTokens - promptBound;
  if (excess <= 0) return { window, messages };
  const smaller = cutHistory(window, excess) ?? cutSummary(window, excess);
  return smaller === null ? { window, messages } : withinHold(smaller, promptBound, build);
}

function cutHistory(window: FittedWindow, excessTokens: number): FittedWindow | null {
  const gone = new Set(oldestThatMakeUp(window, excessTokens).map(({ id }) => id));
  if (gone.size === 0) return null;
  return withLess(window, { history: withoutMessages(window.history, gone) }, [...gone]);
}

/** A message takes with it at least its own bytes. Pinned ones go last. */
function oldestThatMakeUp({ history, current }: FittedWindow, tokens: number): readonly WindowMessage[] {
  const units = cuttableUnits([...history, current], (_message, turn) => turn !== current);
  const isPinned = ({ messages }: Unit) => messages.some((message) => message.isPinned);
  const gone: WindowMessage[] = [];
  let freed = 0;
  for (const { messages } of [...units.filter((unit) => !isPinned(unit)), ...units.filter(isPinned)]) {
    if (freed >= tokens) break;
    gone.push(...messages);
    freed += messages.reduce((sum, { text }) => sum + utf8Bytes(text), 0);
  }
  return gone;
}

function cutSummary(window: FittedWindow, excessTokens: number): FittedWindow | null {
  const { summary } = window;
  if (summary === null) return null;
  const maxBytes = utf8Bytes(summary.text) - excessTokens - utf8Bytes(shortenedMarker);
  const shorter = shortenToLines(summary, headWithin(textOf(summary), maxBytes).length, "over_hold");
  return withLess(window, { summary: shorter }, shorter === null ? [summary.id] : []);
}

function withLess(
  window: FittedWindow,
  parts: Partial<Pick<FittedWindow, "summary" | "history">>,
  goneIds: readonly string[],
): FittedWindow {
  const less = { ...window, ...parts };
  const removed = window.cuts.filter((cut) => !("keptCharacters" in cut));
  const gone = goneIds.map((messageId): CutMessage => ({ messageId, rule: "over_hold" }));
  return {
    ...less,
    cuts: [...removed, ...gone, ...shortenedCuts(windowMessages(less))],
    estimateAfterPrune: window.estimateAfterPrune - sumTokens(window) + sumTokens(less),
    isPruned: true,
  };
}

function sumTokens(window: FittedWindow): number {
  return windowMessages(window).reduce((sum, { tokens }) => sum + tokens, 0);
}
