import { RoomId } from "../../../contract/ids.ts";
import type { EntrySnapshot, SummarizeSnapshot, SummaryBeginning } from "../../../ports/memory-store.ts";
import type { SummaryRow } from "../summary-rows.ts";
import { outbox } from "./outbox-shapes.ts";
import type { Answer } from "./parse-answer.ts";
import { openCounts, registerEntry, summaryFields } from "./session-shapes.ts";
import {
  anything,
  byKind,
  count,
  fitting,
  flag,
  list,
  nullable,
  object,
  recognised,
  type Shape,
  text,
} from "./shape.ts";
import { managerModel, refused, seatedAgent } from "./turn-answers.ts";

const items = list(object({ id: text, text, sources: list(text) }));

// Only its lists are taken apart; the contract's schema checks the rest.
const summaryRow: Shape<SummaryRow> = recognised<SummaryRow>(
  object({ items: object({}, { key_facts: items, decisions: items, open_questions: items, action_items: items }) }),
);

export const summaryAnswer: Answer<SummaryRow | null> = { from: "a summary", shape: nullable(summaryRow) };

/** The contract's schema checks the entry. */
export const entryGroundAnswer: Answer<(Omit<EntrySnapshot, "entry"> & { readonly entry: unknown }) | null> = {
  from: "the snapshot of a correction",
  shape: nullable(
    object({
      entry: anything,
      previous: nullable(object({ ...summaryFields, is_fallback: flag })),
      entries: list(registerEntry),
      open_counts: openCounts,
    }),
  ),
};

type SummarizeRow = Omit<SummarizeSnapshot, "summary"> & { readonly summary: SummaryRow | null };

export const summarizeGroundAnswer: Answer<SummarizeRow | null> = {
  from: "the snapshot of a summary",
  shape: nullable(
    object({
      roomId: fitting(RoomId),
      room: object({ name: text, goal: text }),
      manager: nullable(managerModel),
      agents: list(seatedAgent),
      pricingVersion: text,
      summary: nullable(summaryRow),
      underWay: nullable(text),
      throughTurnIndex: count,
      bulk: nullable(object({ messages: count, boundTokens: count, longestBoundTokens: count })),
    }),
  ),
};

export type Begun =
  | Exclude<SummaryBeginning, { readonly kind: "busy" | "missing" }>
  | { readonly kind: "busy"; readonly turn_id: string | null };

export const beginningAnswer: Answer<Begun> = {
  from: "pantheon_begin_summary",
  shape: byKind({
    stale: anything,
    busy: object({ turn_id: nullable(text) }),
    unaffordable: refused,
    begun: object({ turn_index: count, outbox }),
  } satisfies Record<Begun["kind"], unknown>),
};

/** The contract's schema checks the message. */
export interface PinnedRow {
  readonly message: { readonly is_pinned: boolean };
  readonly is_in_history: boolean;
}

export const pinnedAnswer: Answer<PinnedRow | null> = {
  from: "a pinned message",
  shape: nullable(object({ message: object({ is_pinned: flag }), is_in_history: flag })),
};
