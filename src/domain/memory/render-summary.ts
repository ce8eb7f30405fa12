import { utf8Bytes } from "../text/utf8.ts";
import { byImportance, countOpen, type EntryKind, inOrder, type OpenCounts, type RegisterEntry } from "./entry.ts";
import { toLine } from "./entry-text.ts";
import { boundNarrative } from "./fit.ts";

/** How long a summary may be in a prompt. */
export const maxRenderedBytes = 12_000;
/** What of it the narrative keeps, unless decisions or pinned entries need it. */
const narrativeFloorBytes = 1000;

export type RenderableEntry = Pick<
  RegisterEntry,
  "id" | "kind" | "text" | "status" | "author_key" | "is_pinned" | "order"
>;

export interface SummaryLayout<Entry extends RenderableEntry> {
  readonly rendered: string;
  /** The open entries that are in it, the oldest first. */
  readonly shown: readonly Entry[];
}

/** What goes into prompts: the open entries in their own words, then the narrative, within the bound. */
export function renderSummary(narrative: string, entries: readonly RenderableEntry[]): string {
  return layOutSummary(narrative, entries).rendered;
}

/** Where there are more open entries than these, the counts tell: of those that are not in it, it says how many. */
export function layOutSummary<Entry extends RenderableEntry>(
  narrative: string,
  entries: readonly Entry[],
  counts: OpenCounts = countOpen(entries),
): SummaryLayout<Entry> {
  const open = inOrder(entries.filter(({ status }) => status === "open"));
  const lines = new Map(open.map((entry) => [entry.id, `- ${toLine(entry.text)}`]));
  const story = narrative.trim();
  const whole = compose({ counts, shown: open, lines, story });
  if (utf8Bytes(whole) <= maxRenderedBytes) return { rendered: whole, shown: open };
  const shown = choose(open, lines, utf8Bytes(withTitle(narrativeTitle, [story])));
  const room = maxRenderedBytes - utf8Bytes(compose({ counts, shown, lines, story: "" })) - storyFrameBytes;
  return { rendered: compose({ counts, shown, lines, story: boundNarrative(story, room) }), shown };
}

const sections: readonly { readonly title: string; readonly kind: EntryKind }[] = [
  { title: "Decisions:", kind: "decision" },
  { title: "Open questions:", kind: "question" },
  { title: "Action items:", kind: "action" },
  { title: "Key facts:", kind: "fact" },
];
const narrativeTitle = "So far:";
const join = "\n\n";
const storyFrameBytes = utf8Bytes(join + withTitle(narrativeTitle, [""]));

interface Composition {
  readonly counts: OpenCounts;
  readonly shown: readonly RenderableEntry[];
  readonly lines: ReadonlyMap<string, string>;
  readonly story: string;
}

function compose({ counts, shown, lines, story }: Composition): string {
  const parts = sections.map(({ title, kind }) => {
    const here = lastingFirst(shown.filter((entry) => entry.kind === kind));
    const hidden = counts[kind] - here.length;
    const own = here.map(({ id }) => lines.get(id) ?? "");
    return withTitle(title, hidden === 0 ? own : [...own, hiddenNote(hidden)]);
  });
  return [...parts, withTitle(narrativeTitle, story === "" ? [] : [story])].filter((part) => part !== "").join(join);
}

/** A small model's window has the first lines alone: what is pinned and what the user said stand before what agents said. */
function lastingFirst(entries: readonly RenderableEntry[]): readonly RenderableEntry[] {
  const placeOf = ({ is_pinned, author_key }: RenderableEntry) => Number(!is_pinned) * 2 + Number(author_key !== null);
  return entries.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function withTitle(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.join("\n")}`;
}

function hiddenNote(hidden: number): string {
  return `(${hidden} more in the register only.)`;
}

const framesBytes = utf8Bytes(
  sections.map(({ title }) => withTitle(title, [hiddenNote(Number.MAX_SAFE_INTEGER)])).join(join),
);

/** In the order of their worth, up to the first that has no place: nothing is kept before what is worth more. */
function choose<Entry extends RenderableEntry>(
  open: readonly Entry[],
  lines: ReadonlyMap<string, string>,
  storyBytes: number,
): readonly Entry[] {
  const most = maxRenderedBytes - framesBytes;
  const maxBesideStory = most - Math.min(storyBytes, narrativeFloorBytes);
  const chosen: Entry[] = [];
  let bytes = 0;
  for (const entry of byImportance(open)) {
    bytes += utf8Bytes(lines.get(entry.id) ?? "") + 1;
    if (bytes > (entry.is_pinned || entry.kind === "decision" ? most : maxBesideStory)) break;
    chosen.push(entry);
  }
  return inOrder(chosen);
}
