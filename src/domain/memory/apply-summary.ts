import { allowedChanges, createAuthorOf } from "./allowed-changes.ts";
import type { SummaryChunk } from "./chunk.ts";
import {
  type ChunkSummary,
  changedCounts,
  type EntryKind,
  entryKinds,
  type OpenCounts,
  type RegisterEntry,
  type SummaryFinding,
  type SummaryRow,
} from "./entry.ts";
import { entryKey, keywords, saysSomething, sharedKeywords } from "./entry-text.ts";
import { explicitFindings } from "./explicit-findings.ts";
import { boundNarrative, maxNarrativeBytes } from "./fit.ts";
import { layOutSummary } from "./render-summary.ts";

export interface ApplyInput {
  readonly previous: Pick<SummaryRow, "text"> | null;
  /** Open entries: all, or of very many those that count most. */
  readonly entries: readonly RegisterEntry[];
  readonly openCounts: OpenCounts;
  readonly chunk: SummaryChunk;
  readonly summary: ChunkSummary;
  readonly makeId: () => string;
}

export type NewEntry = Pick<RegisterEntry, "id" | "kind" | "text" | "author_key" | "source_message_ids" | "order">;

export interface SummaryItem {
  readonly id: string;
  readonly text: string;
  readonly sources: readonly string[];
}

export interface SummaryItems {
  readonly key_facts: readonly SummaryItem[];
  readonly decisions: readonly SummaryItem[];
  readonly open_questions: readonly SummaryItem[];
  readonly action_items: readonly SummaryItem[];
}

export interface AppliedSummary {
  readonly newEntries: readonly NewEntry[];
  readonly statusChanges: ChunkSummary["resolved"];
  /** The narrative. */
  readonly text: string;
  readonly rendered: string;
  /** The entries that `rendered` holds. */
  readonly items: SummaryItems;
  readonly openCounts: OpenCounts;
}

/** A summary is cumulative: what was in the register stays, word by word, and only what is new joins it. */
export function applySummary(input: ApplyInput): AppliedSummary {
  const { previous, entries, summary } = input;
  const statusChanges = allowedChanges(input);
  const closed = new Set(statusChanges.map(({ id }) => id));
  const open = entries.filter(({ id, status }) => status === "open" && !closed.has(id));
  const newEntries = toNewEntries(input, open);
  const story = saysSomething(summary.text) ? summary.text : (previous?.text ?? "");
  const text = boundNarrative(story, maxNarrativeBytes);
  const fresh = newEntries.map((entry) => ({ ...entry, status: "open", is_pinned: false }) as const);
  const openCounts = countsAfter(input, closed, newEntries);
  const { rendered, shown } = layOutSummary(text, [...open, ...fresh], openCounts);
  return { newEntries, statusChanges, text, rendered, items: toItems(shown), openCounts };
}

function countsAfter(
  { entries, openCounts }: ApplyInput,
  closed: ReadonlySet<string>,
  made: readonly NewEntry[],
): OpenCounts {
  const gone = entries.filter(({ id }) => closed.has(id)).map(({ kind }) => kind);
  const come = made.map(({ kind }) => kind);
  return changedCounts(changedCounts(openCounts, gone, -1), come, 1);
}

function toNewEntries({ entries, chunk, summary, makeId }: ApplyInput, open: readonly RegisterEntry[]) {
  const known = new Set(open.map(entryKey));
  const authorOf = createAuthorOf(chunk);
  const made: NewEntry[] = [];
  let order = entries.reduce((last, entry) => Math.max(last, entry.order), 0);
  for (const kind of entryKinds) {
    const overlooked = kind === "decision" ? overlookedDecisions(chunk, summary, open) : [];
    for (const { text, source_message_ids } of [...summary.findings[kind], ...overlooked]) {
      if (known.has(entryKey({ kind, text }))) continue;
      known.add(entryKey({ kind, text }));
      order += 1;
      const author_key = authorOf({ source_message_ids });
      made.push({ id: makeId(), kind, text, author_key, source_message_ids, order });
    }
  }
  return made;
}

type Shown = Pick<RegisterEntry, "id" | "kind" | "text" | "source_message_ids">;

export function toItems(shown: readonly Shown[]): SummaryItems {
  const itemsOf = (kind: EntryKind) =>
    shown
      .filter((entry) => entry.kind === kind)
      .map(({ id, text, source_message_ids }) => ({ id, text, sources: source_message_ids }));
  return {
    key_facts: itemsOf("fact"),
    decisions: itemsOf("decision"),
    open_questions: itemsOf("question"),
    action_items: itemsOf("action"),
  };
}

const minShared = 0.4;

/** The user's decisions, in so many words, of which neither the model's answer nor the register has anything. */
function overlookedDecisions(
  chunk: SummaryChunk,
  summary: ChunkSummary,
  open: readonly Pick<RegisterEntry, "kind" | "text">[],
): readonly SummaryFinding[] {
  const { decision } = explicitFindings(chunk.messages.filter(({ author }) => author === "user"));
  if (decision.length === 0) return [];
  const known = [...summary.findings.decision, ...open.filter(({ kind }) => kind === "decision")];
  const knownWords = known.map(({ text }) => keywords(text));
  return decision.filter(({ text }) => {
    const words = keywords(text);
    return !knownWords.some((other) => sharedKeywords(words, other) >= minShared);
  });
}
