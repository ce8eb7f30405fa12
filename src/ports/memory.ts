import type { EntryChange, EntryKind, OpenCounts, SummaryCursor } from "../domain/memory/entry.ts";
import type { TurnPlan } from "../domain/plan/plan.ts";
import type { NewStep } from "./turns.ts";

export interface NewEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly text: string;
  readonly author_key: string | null;
  readonly source_message_ids: readonly string[];
  readonly is_pinned?: boolean;
}

/** The next version of a session's summary; refused when another came after the one that it builds upon. */
export interface NewSummary {
  readonly id: string;
  readonly base_version: number;
  readonly through_turn_index: number;
  readonly made_at_turn_index: number;
  readonly cursor: SummaryCursor | null;
  readonly text: string;
  readonly items: unknown;
  readonly rendered: string;
  readonly tokens: number;
  readonly token_class: string;
  readonly is_fallback: boolean;
  readonly open_counts: OpenCounts;
  readonly new_entries: readonly NewEntry[];
  readonly changes: readonly EntryChange[];
}

export interface NewSummaryTurn {
  readonly id: string;
  /** What the newest summary covered when this one was decided on; where it covers more by now, none begins. */
  readonly covered_through_turn_index: number;
  readonly plan: TurnPlan;
  readonly step: NewStep;
}
