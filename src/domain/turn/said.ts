import type { StoredMessage } from "../context/stored-message.ts";
import type { MessageAuthor, WindowMessage, WindowSummary } from "../context/window.ts";
import { quotedBody } from "../speaker/quote.ts";
import { measureText } from "../tokens/estimate.ts";
import type { TokenCounter } from "./token-counter.ts";

/** A message with its count, and who may see it. */
export interface SaidMessage extends StoredMessage {
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

/** A count as it is kept, once for all readers. */
export interface KeptCount {
  readonly tokens: number;
  readonly token_class: string;
}

/** The user's words: counted once, when they are said, and kept with the message. */
export function messageTokens(text: string): KeptCount {
  const { tokens, scriptClass } = measureText(text);
  return { tokens, token_class: scriptClass };
}

/** What reaches models as quoted data is counted as they read it, with its escapes. */
export function quotedTokens(text: string): KeptCount {
  return messageTokens(quotedBody(text));
}

/** The user's message of a turn that is not stored yet. */
export function userMessage(turnIndex: number, text: string, counted = messageTokens(text)): SaidMessage {
  const nobody = { agent_key: null, agent_name: null, error_type: null, private_to: null, group_id: null };
  const place = { id: "", turn_index: turnIndex, position: 0, author: "user", is_pinned: false } as const;
  return { ...place, ...nobody, text, ...counted };
}

export type Words = Pick<WindowMessage, "id" | "author" | "text">;

/** What was said and by whom, whoever reads it. */
export function toWords(said: SaidMessage): Words {
  return { id: said.id, author: toAuthor(said), text: said.text };
}

/** As one model reads it: its words by its count, and what goes around them. */
export function toWindowMessage(said: SaidMessage, reader: TokenCounter): WindowMessage {
  const { is_pinned, private_to, group_id } = said;
  const words = toWords(said);
  const wrapperTokens = reader.wrapperTokens(words.author);
  const tokens = wrapperTokens + reader.textTokens(said);
  const kept = { isPinned: is_pinned, privateTo: private_to, groupId: group_id, shortened: null };
  return { ...words, tokens, wrapperTokens, ...kept };
}

export function toWindowSummary(summary: StoredWindowSummary | null, reader: TokenCounter): WindowSummary | null {
  if (summary === null) return null;
  const { id, rendered: text, through_turn_index, made_at_turn_index } = summary;
  const author = { kind: "summary" } as const;
  const wrapperTokens = reader.wrapperTokens(author);
  const tokens = wrapperTokens + reader.textTokens({ ...summary, text });
  const plain = { isPinned: false, privateTo: null, groupId: null, shortened: null };
  return {
    message: { id, text, tokens, wrapperTokens, author, ...plain },
    coversThroughTurnIndex: through_turn_index,
    madeAtTurnIndex: made_at_turn_index,
  };
}

type AuthorFields = Pick<SaidMessage, "author" | "agent_key" | "agent_name" | "error_type">;

function toAuthor({ author, agent_key, agent_name, error_type }: AuthorFields): MessageAuthor {
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
