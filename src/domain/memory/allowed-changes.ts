import type { SummaryChunk } from "./chunk.ts";
import type { ChunkSummary, EntryKind, EntryStatus, RegisterEntry, SummaryFinding } from "./entry.ts";
import { entryKey, keywords, sharedKeywords } from "./entry-text.ts";

interface ChangeInput {
  readonly entries: readonly RegisterEntry[];
  readonly chunk: SummaryChunk;
  readonly summary: ChunkSummary;
}

const endsByKind: Readonly<Record<EntryKind, readonly EntryStatus[]>> = {
  decision: ["superseded"],
  question: ["done", "superseded"],
  action: ["done", "superseded"],
  fact: ["superseded"],
};

/**
 * What the user pinned, only the user ends. A decision or a fact is never done, only replaced: by another of its kind that is
 * new in the same answer and speaks of the same, one for one, and the user's only by the user's.
 */
export function allowedChanges(input: ChangeInput): ChunkSummary["resolved"] {
  const entryById = new Map(input.entries.map((entry) => [entry.id, entry]));
  const replacements = { decision: toReplacements(input, "decision"), fact: toReplacements(input, "fact") };
  return input.summary.resolved.filter(({ id, status }) => {
    const entry = entryById.get(id);
    if (entry === undefined || entry.status !== "open" || entry.is_pinned) return false;
    if (!endsByKind[entry.kind].includes(status)) return false;
    return entry.kind === "question" || entry.kind === "action" || replace(replacements[entry.kind], entry);
  });
}

/** The author of the message that it is from; null: the user. */
export function createAuthorOf({ messages }: SummaryChunk) {
  const authorById = new Map(messages.map(({ id, agent_key }) => [id, agent_key]));
  return ({ source_message_ids }: Pick<SummaryFinding, "source_message_ids">): string | null =>
    authorById.get(source_message_ids[0] ?? "") ?? null;
}

interface Replacement {
  readonly author_key: string | null;
  readonly words: ReadonlySet<string>;
  isTaken: boolean;
}

function toReplacements({ entries, chunk, summary }: ChangeInput, kind: "decision" | "fact"): readonly Replacement[] {
  const known = new Set(entries.filter(({ status }) => status === "open").map(entryKey));
  const authorOf = createAuthorOf(chunk);
  return summary.findings[kind]
    .filter(({ text }) => !known.has(entryKey({ kind, text })))
    .map((finding) => ({ author_key: authorOf(finding), words: keywords(finding.text), isTaken: false }));
}

const minShared = 0.3;

/** Takes the first that is free and speaks of the same. */
function replace(replacements: readonly Replacement[], { author_key, text }: RegisterEntry): boolean {
  const words = keywords(text);
  const replacement = replacements.find(
    (each) =>
      !each.isTaken &&
      (author_key !== null || each.author_key === null) &&
      sharedKeywords(words, each.words) >= minShared,
  );
  if (replacement === undefined) return false;
  replacement.isTaken = true;
  return true;
}
