import type { EntryStatus, RegisterEntry } from "./entry.ts";
import { type NewEntry, type SummaryItems, toItems } from "./fold-summary.ts";
import { layOutSummary } from "./render-summary.ts";

/** What the user changes of an entry. */
export interface EntryEdit {
  readonly status?: Exclude<EntryStatus, "superseded"> | undefined;
  readonly is_pinned?: boolean | undefined;
  readonly text?: string | undefined;
}

export interface RevisedRegister {
  /** The entry as it is now, or the one in its place. */
  readonly entryId: string;
  readonly newEntries: readonly (NewEntry & { readonly is_pinned: boolean })[];
  readonly changes: readonly EntryChange[];
  readonly rendered: string;
  readonly items: SummaryItems;
}

interface EntryChange {
  readonly id: string;
  readonly status?: EntryStatus;
  readonly is_pinned?: boolean;
  readonly superseded_by?: string;
}

export interface RevisionGround {
  readonly narrative: string;
  /** All but the superseded ones. */
  readonly entries: readonly RegisterEntry[];
  readonly entry: RegisterEntry;
  readonly edit: EntryEdit;
  readonly makeId: () => string;
}

/** The user's hand on the register, and the summary that follows from it. Null: nothing would change. */
export function reviseRegister(ground: RevisionGround): RevisedRegister | null {
  const { entries, entry, edit, narrative } = ground;
  const { id } = entry;
  const status = edit.status ?? entry.status;
  const is_pinned = edit.is_pinned ?? entry.is_pinned;
  if (edit.text !== undefined && edit.text !== entry.text) return correct(ground, { ...entry, status, is_pinned });
  if (status === entry.status && is_pinned === entry.is_pinned) return null;
  const after = entries.map((other) => (other.id === id ? { ...other, status, is_pinned } : other));
  return { entryId: id, newEntries: [], changes: [{ id, status, is_pinned }], ...layOut(narrative, after) };
}

/** Words never change: what is said instead is the user's own entry, the newest. */
function correct({ entries, entry, edit, narrative, makeId }: RevisionGround, kept: RegisterEntry): RevisedRegister {
  const { kind, source_message_ids, status, is_pinned } = kept;
  const id = makeId();
  const order = entries.reduce((last, other) => Math.max(last, other.order), 0) + 1;
  const correction = {
    id,
    kind,
    text: edit.text ?? entry.text,
    author_key: null,
    source_message_ids,
    is_pinned,
    order,
  };
  const superseded = { id: entry.id, status: "superseded", superseded_by: id } as const;
  const after = [...entries.filter((other) => other.id !== entry.id), { ...correction, status }];
  return {
    entryId: id,
    newEntries: [correction],
    changes: status === "open" ? [superseded] : [superseded, { id, status }],
    ...layOut(narrative, after),
  };
}

function layOut(narrative: string, entries: readonly RegisterEntry[]) {
  const { rendered, shown } = layOutSummary(narrative, entries);
  return { rendered, items: toItems(shown) };
}
