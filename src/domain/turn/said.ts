import { calibratedTokens, toTokenRatios } from "../context/calibrate-ratios.ts";
import { measureText } from "../context/estimate.ts";
import type { WindowMessage, WindowSummary } from "../context/window.ts";
import { utf8Bytes } from "../meter/utf8.ts";
import type { PlannedAgent } from "./plan.ts";

/** A message as the database hands it over. */
export interface SaidMessage {
  readonly id: string;
  readonly turn_index: number;
  /** 0 for the user's own, then the step's index plus one. */
  readonly position: number;
  readonly author: "user" | "agent" | "failed_agent";
  readonly agent_key: string | null;
  readonly agent_name: string | null;
  readonly error_type: string | null;
  readonly text: string;
  readonly tokens: number;
  readonly token_class: string | null;
  readonly is_pinned: boolean;
  readonly private_to: string | null;
  readonly group_id: string | null;
}

export interface StoredWindowSummary {
  readonly id: string;
  readonly through_turn_index: number;
  readonly made_at_turn_index: number;
  readonly rendered: string;
  readonly tokens: number;
  readonly token_class: string | null;
}

/** What a session gives to a prompt, as the database hands it over. */
export interface SessionWindow {
  readonly summary: StoredWindowSummary | null;
  /** The oldest turn that was read whole. */
  readonly reads_from_turn_index: number;
  /** Oldest first; of turns before that one only what is pinned. */
  readonly messages: readonly SaidMessage[];
}

/** Counted once, when it is said, and kept with the message. */
export function messageTokens(text: string): { readonly tokens: number; readonly token_class: string } {
  const { tokens, scriptClass } = measureText(text);
  return { tokens, token_class: scriptClass };
}

/** What a model makes of a text that is counted here and now. */
export function tokensFor(reader: Pick<PlannedAgent, "token_ratios">, text: string): number {
  return calibratedTokens(measureText(text), toTokenRatios(reader.token_ratios));
}

/** What a model makes of a text that was counted when it was said. */
function tokensOf({ tokens, token_class, text }: Counted, reader: PlannedAgent | null): number {
  if (reader?.token_ratios == null) return tokens;
  const stored = { tokens, bytes: utf8Bytes(text), scriptClass: token_class };
  return calibratedTokens(stored, toTokenRatios(reader.token_ratios));
}

type Counted = Pick<SaidMessage, "tokens" | "token_class" | "text">;

/** The user's message of a turn that is not stored yet. */
export function userMessage(turnIndex: number, text: string, counted = messageTokens(text)): SaidMessage {
  const nobody = { agent_key: null, agent_name: null, error_type: null, private_to: null, group_id: null };
  const place = { id: "", turn_index: turnIndex, position: 0, author: "user", is_pinned: false } as const;
  return { ...place, ...nobody, text, ...counted };
}

/** For a model its tokens are as it counts them; for nobody in particular, as they were counted when it was said. */
export function toWindowMessage(said: SaidMessage, reader: PlannedAgent | null): WindowMessage {
  const { id, text, is_pinned, private_to, group_id, ...message } = said;
  const tokens = tokensOf(said, reader);
  const author = toAuthor(message);
  return { id, text, tokens, author, isPinned: is_pinned, privateTo: private_to, groupId: group_id, shortened: null };
}

export function toWindowSummary(summary: StoredWindowSummary | null, reader: PlannedAgent): WindowSummary | null {
  if (summary === null) return null;
  const { id, rendered: text, through_turn_index, made_at_turn_index } = summary;
  const tokens = tokensOf({ ...summary, text }, reader);
  const plain = { isPinned: false, privateTo: null, groupId: null, shortened: null };
  return {
    message: { id, text, tokens, author: { kind: "summary" }, ...plain },
    coversThroughTurnIndex: through_turn_index,
    madeAtTurnIndex: made_at_turn_index,
  };
}

type AuthorFields = Pick<SaidMessage, "author" | "agent_key" | "agent_name" | "error_type">;

function toAuthor({ author, agent_key, agent_name, error_type }: AuthorFields): WindowMessage["author"] {
  const speaker = { key: agent_key ?? "", name: agent_name ?? "" };
  switch (author) {
    case "user":
      return { kind: "user" };
    case "agent":
      return { kind: "agent", ...speaker };
    case "failed_agent":
      return { kind: "failed_agent", ...speaker, errorType: error_type ?? "unknown" };
  }
}
