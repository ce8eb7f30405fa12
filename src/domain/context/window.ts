export type MessageAuthor =
  | { readonly kind: "user" }
  | { readonly kind: "agent"; readonly key: string; readonly name: string }
  | { readonly kind: "failed_agent"; readonly key: string; readonly name: string; readonly errorType: string }
  | { readonly kind: "summary" };

export interface WindowMessage {
  readonly id: string;
  readonly author: MessageAuthor;
  readonly text: string;
  readonly tokens: number;
  readonly isPinned: boolean;
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
}

export const cutRules = [
  "replaced_by_summary",
  "pruned_oldest_reply",
  "pruned_oldest_turn",
  "shortened_carry",
  "over_hold",
] as const;
export type CutRule = (typeof cutRules)[number];

/** A message that is gone, or one whose text goes in up to `keptCharacters`, followed by the marker. */
export type CutMessage =
  | { readonly messageId: string; readonly rule: Exclude<CutRule, "shortened_carry"> }
  | {
      readonly messageId: string;
      readonly rule: "shortened_carry";
      readonly keptCharacters: number;
      readonly keptBytes: number;
      readonly originalBytes: number;
    };

export function turnTokens(turn: WindowTurn): number {
  return turn.messages.reduce((sum, message) => sum + message.tokens, 0);
}
