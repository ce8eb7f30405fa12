import type { ContextBudget } from "../context/budget.ts";
import type { StoredMessage } from "../context/stored-message.ts";
import type { PromptMessage } from "../speaker/build-prompt.ts";
import type { OpenCounts, RegisterEntry, SummaryCursor, SummaryRow } from "./entry.ts";

export type CountTokens = (text: string) => number;

/** A message, or what was read of it, as the database hands it over. */
export interface UnsummarizedMessage extends StoredMessage {
  /** From `from_offset` on, as far as it was read. */
  readonly text: string;
  /** How many of its code points an earlier chunk covered. */
  readonly from_offset: number;
  /** The whole message's length in code points. */
  readonly length: number;
}

/** What a summary is made from. */
export interface StoredMemory {
  readonly previous: (SummaryRow & { readonly made_at_turn_index: number }) | null;
  /** Open ones, the oldest first: all, or of very many the first and the last of each kind. */
  readonly entries: readonly RegisterEntry[];
  readonly open_counts: OpenCounts;
  /** From the previous summary's end on, as many as the step asked for. */
  readonly messages: readonly UnsummarizedMessage[];
  readonly has_more: boolean;
  /** The last turn that the step asked for, or the last before one that is not over. */
  readonly through_turn_index: number;
}

export interface ChunkInput extends Omit<StoredMemory, "previous" | "open_counts"> {
  readonly room: { readonly name: string; readonly goal: string };
  readonly previous: SummaryRow | null;
  readonly budget: ContextBudget;
  readonly tokenCount: CountTokens;
}

/** What a chunk holds of a message: its code points from `from` up to and without `to`. */
export interface ChunkMessage extends Pick<UnsummarizedMessage, "id" | "turn_index" | "author" | "agent_key" | "text"> {
  readonly ref: string;
  readonly from: number;
  readonly to: number;
}

export interface SummaryFormat {
  readonly name: "summary";
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface SummaryChunk {
  readonly promptMessages: readonly PromptMessage[];
  readonly format: SummaryFormat;
  readonly maxOutputTokens: number;
  readonly messages: readonly ChunkMessage[];
  /** m1 → message id; d1, q1, a1, f1 → entry id. */
  readonly refs: ReadonlyMap<string, string>;
  /** The narrative before this chunk, whole. */
  readonly previousText: string;
  /** Null: everything through the last turn to be covered is. */
  readonly cursorAfter: SummaryCursor | null;
  /** The last turn that is wholly covered. */
  readonly throughTurnIndexAfter: number;
}
