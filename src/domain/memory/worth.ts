import type { RegisterEntry } from "./entry.ts";

export type RankedEntry = Pick<RegisterEntry, "id" | "kind" | "author_key" | "is_pinned" | "order">;

/** The oldest first, whatever order they came in. */
export function inOrder<Entry extends Pick<RegisterEntry, "id" | "order">>(
  entries: readonly Entry[],
): readonly Entry[] {
  return entries.toSorted((left, right) => left.order - right.order || (left.id < right.id ? -1 : 1));
}

/** What is to be kept first comes first: what is pinned, decisions, the latest tasks, then facts. */
export function byWorth<Entry extends RankedEntry>(entries: readonly Entry[]): readonly Entry[] {
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
