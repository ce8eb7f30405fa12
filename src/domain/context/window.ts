export type MessageAuthor =
  | { readonly kind: "user" }
  | { readonly kind: "agent"; readonly key: string; readonly name: string }
  | { readonly kind: "failed_agent"; readonly key: string; readonly name: string; readonly errorType: string }
  | { readonly kind: "summary" };

export interface WindowMessage {
  readonly id: string;
  readonly author: MessageAuthor;
  readonly text: string;
  /** As it stands in a prompt, its frame included. */
  readonly tokens: number;
  /** Of those, what goes around its text, however much of that is kept. */
  readonly wrapperTokens: number;
  readonly isPinned: boolean;
  /** Messages of one group, such as a tool call and its result, go in or out together. */
  readonly groupId: string | null;
  /** The key of the one agent that may know of it; null where all may. */
  readonly privateTo: string | null;
  /** What `text` is of the stored text, where it is not all of it. */
  readonly shortened: Shortened | null;
}

/** A text that goes in up to `keptCharacters`, followed by the marker. */
export interface Shortened {
  readonly rule: ShortenRule;
  readonly keptCharacters: number;
  readonly keptBytes: number;
  readonly originalBytes: number;
}

export interface WindowTurn {
  readonly turnIndex: number;
  readonly isResolved: boolean;
  readonly messages: readonly WindowMessage[];
}

/** A committed summary, and the last turn whose messages it may replace. */
export interface WindowSummary {
  readonly message: WindowMessage;
  readonly coversThroughTurnIndex: number;
  /** The newest turn that had ended when it was made. */
  readonly madeAtTurnIndex: number;
}

/** Turns of which no message was read, except those that were read for a reason of their own, such as pinned ones. */
export interface UnreadRange {
  readonly rule: "replaced_by_summary" | "beyond_window";
  readonly fromTurnIndex: number;
  readonly throughTurnIndex: number;
}

export type RemoveRule =
  | "replaced_by_summary"
  | "pruned_oldest_reply"
  | "pruned_oldest_turn"
  | "pruned_summary"
  | "over_hold";
export type ShortenRule = "shortened_carry" | "shortened_summary" | "over_hold";

/** A message that is gone, or one that is shortened. */
export type CutMessage =
  | { readonly messageId: string; readonly rule: RemoveRule }
  | ({ readonly messageId: string } & Shortened);

export function turnTokens(turn: WindowTurn): number {
  return turn.messages.reduce((sum, message) => sum + message.tokens, 0);
}

/** The cuts of those that go in, in their order. */
export function shortenedCuts(messages: readonly WindowMessage[]): readonly CutMessage[] {
  return messages.flatMap(({ id, shortened }) => (shortened === null ? [] : [{ messageId: id, ...shortened }]));
}
