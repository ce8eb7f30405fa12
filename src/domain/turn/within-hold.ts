import type { FittedWindow } from "../context/fit-window.ts";
import type { CutMessage, WindowMessage } from "../context/window.ts";
import { mostPromptTokens } from "../meter/bound.ts";
import { utf8Bytes } from "../meter/utf8.ts";
import type { PromptMessage } from "../speaker/build-prompt.ts";
import { promptSpareTokens } from "./hold.ts";

export interface HeldPrompt {
  readonly window: FittedWindow;
  readonly messages: readonly PromptMessage[];
}

/**
 * Leaves out the oldest history until the prompt is within what is held for it. Only a session that grew while the turn was
 * being made needs this; the turn itself always fits.
 */
export function withinHold(
  window: FittedWindow,
  promptBound: number | null,
  build: (window: FittedWindow) => readonly PromptMessage[],
): HeldPrompt {
  const messages = build(window);
  const excess = promptBound === null ? 0 : mostPromptTokens(messages) + promptSpareTokens - promptBound;
  if (excess <= 0) return { window, messages };
  const fitted = cutOldest(window, excess);
  return { window: fitted, messages: build(fitted) };
}

function cutOldest(window: FittedWindow, excessTokens: number): FittedWindow {
  const said = window.history.flatMap((turn) => turn.messages);
  const gone = new Set(oldestThatMakeUp(said, excessTokens).map(({ id }) => id));
  const history = window.history
    .map((turn) => ({ ...turn, messages: turn.messages.filter(({ id }) => !gone.has(id)) }))
    .filter((turn) => turn.messages.length > 0);
  const freed = said.filter(({ id }) => gone.has(id)).reduce((sum, { tokens }) => sum + tokens, 0);
  const cuts = [...gone].map((messageId): CutMessage => ({ messageId, rule: "over_hold" }));
  return {
    ...window,
    history,
    cuts: [...window.cuts, ...cuts],
    estimateAfterPrune: window.estimateAfterPrune - freed,
    isPruned: true,
  };
}

/** A message takes with it at least its own bytes. Pinned ones go last. */
function oldestThatMakeUp(said: readonly WindowMessage[], tokens: number): readonly WindowMessage[] {
  const inOrder = [...said.filter(({ isPinned }) => !isPinned), ...said.filter(({ isPinned }) => isPinned)];
  let freed = 0;
  return inOrder.filter((message) => {
    if (freed >= tokens) return false;
    freed += utf8Bytes(message.text);
    return true;
  });
}
