import type { SessionSummary } from "../../contract/memory.ts";

type ItemList = "key_facts" | "decisions" | "open_questions" | "action_items";

interface ItemRow {
  readonly id: string;
  readonly text: string;
  readonly sources: readonly string[];
}

export interface SummaryRow extends Omit<SessionSummary, ItemList> {
  readonly items: { readonly [List in ItemList]?: readonly ItemRow[] };
}

/** The summary as the wire has it; the contract's schema checks what the database says. */
export function toSummary({ items, ...summary }: SummaryRow): unknown {
  return {
    ...summary,
    key_facts: toItems(items.key_facts),
    decisions: toItems(items.decisions),
    open_questions: toItems(items.open_questions),
    action_items: toItems(items.action_items),
  };
}

function toItems(rows: readonly ItemRow[] = []): unknown {
  return rows.map(({ id, text, sources }) => ({ entry_id: id, text, source_message_ids: sources }));
}
