export const entryKinds = ["decision", "question", "action", "fact"] as const;
export type EntryKind = (typeof entryKinds)[number];
export type EntryStatus = "open" | "done" | "superseded";

/** An entry of a room's register as the database hands it over. Its text never changes. */
export interface RegisterEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly text: string;
  readonly status: EntryStatus;
  /** Null: the user. */
  readonly author_key: string | null;
  readonly source_message_ids: readonly string[];
  readonly is_pinned: boolean;
  /** Its place among the entries, the oldest first. */
  readonly order: number;
}

export interface EntryChange {
  readonly id: string;
  readonly status?: EntryStatus;
  readonly is_pinned?: boolean;
  readonly superseded_by?: string;
}

/** How many entries of each kind are open, those included that nobody has read. */
export type OpenCounts = Readonly<Record<EntryKind, number>>;

const noneOpen: OpenCounts = { decision: 0, question: 0, action: 0, fact: 0 };

export function changedCounts(counts: OpenCounts, kinds: readonly EntryKind[], by: 1 | -1): OpenCounts {
  const after: Record<EntryKind, number> = { ...counts };
  for (const kind of kinds) after[kind] += by;
  return after;
}

/** Of entries that are all there are. */
export function countOpen(entries: readonly Pick<RegisterEntry, "kind" | "status">[]): OpenCounts {
  const open = entries.filter(({ status }) => status === "open");
  return changedCounts(
    noneOpen,
    open.map(({ kind }) => kind),
    1,
  );
}

/** Where the text that no summary covers begins: `offset` code points into the message at this place. */
export interface SummaryCursor {
  readonly turn_index: number;
  readonly position: number;
  readonly offset: number;
}

export interface SummaryRow {
  readonly id: string;
  readonly version: number;
  /** Every turn up to it is wholly covered. */
  readonly through_turn_index: number;
  readonly cursor: SummaryCursor | null;
  /** The narrative alone. */
  readonly text: string;
  /** What goes into prompts. */
  readonly rendered: string;
  readonly tokens: number;
}

/** Something new that a chunk brought. */
export interface SummaryFinding {
  readonly text: string;
  /** Never empty; the first is the one whose author counts. */
  readonly source_message_ids: readonly string[];
}

/** What one chunk came to: the narrative over everything, and only what is new beside it. */
export interface ChunkSummary {
  readonly text: string;
  readonly findings: Readonly<Record<EntryKind, readonly SummaryFinding[]>>;
  readonly resolved: readonly { readonly id: string; readonly status: Exclude<EntryStatus, "open"> }[];
  /** No model's answer could be read, and rules made it. */
  readonly isFallback: boolean;
}

export type RankedEntry = Pick<RegisterEntry, "id" | "kind" | "author_key" | "is_pinned" | "order">;

/** The oldest first, whatever order they came in. */
export function inOrder<Entry extends Pick<RegisterEntry, "id" | "order">>(
  entries: readonly Entry[],
): readonly Entry[] {
  return entries.toSorted((left, right) => left.order - right.order || (left.id < right.id ? -1 : 1));
}

/** What is to be kept first comes first: what is pinned, decisions, the latest tasks, then facts. */
export function byImportance<Entry extends RankedEntry>(entries: readonly Entry[]): readonly Entry[] {
  const sorted = inOrder(entries);
  return [...rank(sorted.filter(({ is_pinned }) => is_pinned)), ...rank(sorted.filter(({ is_pinned }) => !is_pinned))];
}

function rank<Entry extends RankedEntry>(sorted: readonly Entry[]): readonly Entry[] {
  const decisions = sorted.filter(({ kind }) => kind === "decision");
  const tasks = sorted.filter(({ kind }) => kind === "question" || kind === "action");
  const facts = sorted.filter(({ kind }) => kind === "fact");
  return [...userFirst(decisions), ...tasks.toReversed(), ...userFirst(facts)];
}

function userFirst<Entry extends RankedEntry>(sorted: readonly Entry[]): readonly Entry[] {
  const ofUser = sorted.filter(({ author_key }) => author_key === null);
  const ofAgents = sorted.filter(({ author_key }) => author_key !== null);
  return [...fromBothEnds(ofUser), ...fromBothEnds(ofAgents)];
}

/** The oldest, the latest, the second oldest, and so on: what gives way is in the middle. */
function fromBothEnds<Entry>(sorted: readonly Entry[]): readonly Entry[] {
  return sorted.map((_, place) => {
    const entry = place % 2 === 0 ? sorted[place / 2] : sorted[sorted.length - (place + 1) / 2];
    if (entry === undefined) throw new Error(`no entry at place ${place} of ${sorted.length}`);
    return entry;
  });
}
