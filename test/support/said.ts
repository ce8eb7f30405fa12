import type { DraftInput } from "../../src/domain/turn/draft.ts";
import type { SaidMessage, SessionWindow } from "../../src/domain/turn/said.ts";

/** The user's first message, but for what is told of it. */
export function said(told: Partial<SaidMessage>): SaidMessage {
  return {
    id: "m",
    turn_index: 1,
    position: 0,
    author: "user",
    agent_key: null,
    agent_name: null,
    error_type: null,
    text: "Said.",
    tokens: 1,
    token_class: "prose",
    is_pinned: false,
    private_to: null,
    group_id: null,
    ...told,
  };
}

/** A session that was read whole, and never summed up. */
export function windowOf(messages: readonly SaidMessage[]): SessionWindow {
  return { summary: null, reads_from_turn_index: 1, messages };
}

/** What a turn finds in a session in which nothing was said. */
export const newSession = {
  window: windowOf([]),
  history: {
    boundTokens: 0,
    unsummarizedTokens: 0,
    unsummarizedTurns: 0,
    unsummarizedMessages: 0,
    longestBoundTokens: 0,
  },
  repliesToCome: 0,
  isSummarizing: false,
} as const satisfies Partial<DraftInput>;

/** A turn in such a session that asks for nothing of its own. */
export const plainTurn = {
  manager: null,
  seed: "",
  responseSchema: null,
  ...newSession,
} as const satisfies Partial<DraftInput>;
