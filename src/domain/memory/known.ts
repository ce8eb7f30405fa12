import { quoteSummary } from "../speaker/quote.ts";
import { byWorth, type EntryKind, entryKinds, inOrder, type RegisterEntry } from "./entry.ts";
import { toLine } from "./entry-text.ts";
import { boundNarrative, cutToFit, isWithin, mostNarrativeBytes, type Size, shareOf, sizeOf } from "./fit-text.ts";
import type { SummaryGround } from "./ground.ts";

const mostEntriesBytes = 12_000;
export const mostKnownBytes = mostEntriesBytes + mostNarrativeBytes;

/** Texts whose tokens are counted apart: instructions, goal, entries, narrative. */
export const knownParts = 4;

export interface Known {
  readonly text: string;
  readonly entryIdByRef: ReadonlyMap<string, string>;
}

/** What came of everything before, as much as has its place beside the messages. */
export function known(ground: SummaryGround, free: Size): Known {
  const entries = chooseEntries(ground, shareOf(free, 4, mostEntriesBytes));
  const refs = toRefs(entries);
  const lines = refs.map(({ ref, entry }) => `${ref}: ${toLine(entry.text)}`);
  const parts = [
    lines.length === 0 ? "" : `Entries so far:\n${quoteSummary(lines.join("\n"))}\n\n`,
    narrativeWithin(ground, shareOf(free, 6, mostNarrativeBytes)),
  ];
  return { text: parts.join(""), entryIdByRef: new Map(refs.map(({ ref, entry }) => [ref, entry.id])) };
}

function narrativeWithin(ground: SummaryGround, most: Size): string {
  const text = ground.previous?.text ?? "";
  const part = (narrative: string) => (narrative === "" ? "" : `Narrative so far:\n${quoteSummary(narrative)}\n\n`);
  return cutToFit(part(text), { most, count: ground.tokenCount }, (bytes) => part(boundNarrative(text, bytes)));
}

function chooseEntries(ground: SummaryGround, most: Size): readonly RegisterEntry[] {
  const chosen: RegisterEntry[] = [];
  let { tokens, bytes } = sizeOf(`Entries so far:\n${quoteSummary("")}\n\n`, ground.tokenCount);
  for (const entry of byWorth(ground.entries.filter(({ status }) => status === "open"))) {
    const line = sizeOf(quoteSummary(`a0000: ${toLine(entry.text)}\n`), ground.tokenCount);
    tokens += line.tokens;
    bytes += line.bytes;
    if (!isWithin({ tokens, bytes }, most)) break;
    chosen.push(entry);
  }
  return inOrder(chosen);
}

const letterByKind: Readonly<Record<EntryKind, string>> = { decision: "d", question: "q", action: "a", fact: "f" };

function toRefs(entries: readonly RegisterEntry[]): readonly { readonly ref: string; readonly entry: RegisterEntry }[] {
  return entryKinds.flatMap((kind) =>
    entries
      .filter((entry) => entry.kind === kind)
      .map((entry, place) => ({ ref: `${letterByKind[kind]}${place + 1}`, entry })),
  );
}
