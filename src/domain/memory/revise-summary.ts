import { type NewEntry, type SummaryItems, toItems } from "./apply-summary.ts";
import { changedCounts, type EntryChange, type EntryStatus, type OpenCounts, type RegisterEntry } from "./entry.ts";
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
  readonly openCounts: OpenCounts;
}

export interface RevisionInput {
  readonly narrative: string;
  /** Open entries: all, or of very many those that count most. */
  readonly entries: readonly RegisterEntry[];
  readonly openCounts: OpenCounts;
  readonly entry: Omit<RegisterEntry, "order">;
  readonly edit: EntryEdit;
  readonly makeId: () => string;
}

/** The user's hand on the register, and the summary that follows from it. Null: nothing would change. */
export function reviseRegister(input: RevisionInput): RevisedRegister | null {
  const { entries, entry, edit } = input;
  const { id } = entry;
  const status = edit.status ?? entry.status;
  const is_pinned = edit.is_pinned ?? entry.is_pinned;
  if (edit.text !== undefined && edit.text !== entry.text) return correct(input, { ...entry, status, is_pinned });
  if (status === entry.status && is_pinned === entry.is_pinned) return null;
  const after = { ...entry, status, is_pinned, order: placeOf(id, entries) };
  return { entryId: id, newEntries: [], changes: [{ id, status, is_pinned }], ...layOut(input, after) };
}

/** Ids are made in the order of time: an entry that was not read stands between those that were made before it and after it. */
function placeOf(id: string, entries: readonly RegisterEntry[]): number {
  const before = entries.filter((other) => other.id < id).map(({ order }) => order);
  return Math.max(0, ...before) + 1 / 2;
}

/** Words never change: what is said instead is the user's own entry, the newest. */
function correct(input: RevisionInput, kept: RevisionInput["entry"]): RevisedRegister {
  const { entries, entry, edit, makeId } = input;
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
  return {
    entryId: id,
    newEntries: [correction],
    changes: status === "open" ? [superseded] : [superseded, { id, status }],
    ...layOut(input, { ...correction, status }),
  };
}

/** With the entry that stands in the place of the one before. */
function layOut({ narrative, entries, openCounts, entry }: RevisionInput, after: RegisterEntry) {
  const others = entries.filter(({ id }) => id !== entry.id);
  const isOpen = ({ status }: Pick<RegisterEntry, "status">) => status === "open";
  const less = changedCounts(openCounts, isOpen(entry) ? [entry.kind] : [], -1);
  const counts = changedCounts(less, isOpen(after) ? [after.kind] : [], 1);
  const { rendered, shown } = layOutSummary(narrative, [...others, after], counts);
  return { rendered, items: toItems(shown), openCounts: counts };
}
