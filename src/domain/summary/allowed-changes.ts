import type { ChunkSummary, EntryKind, EntryStatus, RegisterEntry, SummaryFinding } from "./entry.ts";
import { entryKey } from "./entry-text.ts";
import type { SummaryChunk } from "./ground.ts";

interface ChangeGround {
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
 * new in the same answer, one for one, and the user's only by the user's.
 */
export function allowedChanges(ground: ChangeGround): ChunkSummary["resolved"] {
  const entryById = new Map(ground.entries.map((entry) => [entry.id, entry]));
  const replacements = { decision: toReplacements(ground, "decision"), fact: toReplacements(ground, "fact") };
  return ground.summary.resolved.filter(({ id, status }) => {
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

interface Replacements {
  ofUser: number;
  ofAgents: number;
}

function toReplacements({ entries, chunk, summary }: ChangeGround, kind: "decision" | "fact"): Replacements {
  const open = entries.filter(({ status }) => status === "open");
  const known = new Set(open.map(entryKey));
  const found = summary.findings[kind].filter(({ text }) => !known.has(entryKey({ kind, text })));
  const authors = found.map(createAuthorOf(chunk));
  const ofUser = authors.filter((author) => author === null).length;
  return { ofUser, ofAgents: authors.length - ofUser };
}

function replace(left: Replacements, { author_key }: RegisterEntry): boolean {
  if (author_key !== null && left.ofAgents > 0) {
    left.ofAgents -= 1;
    return true;
  }
  if (left.ofUser === 0) return false;
  left.ofUser -= 1;
  return true;
}
