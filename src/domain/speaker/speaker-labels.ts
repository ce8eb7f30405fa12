import { flattenName, type Speaker } from "./quote.ts";
import { skeletonOf } from "./skeleton.ts";

/** As what a line may begin to speak: the label before its colon. */
export interface SpeakerLabels {
  readonly own: ReadonlySet<string>;
  readonly others: ReadonlySet<string>;
}

const colon = /[:：﹕︓︰꞉∶ː׃፡⁚ꓽ]/;
const markup =
  /^(?:[\s>*_#"'`~[\]<@“”«»‹›「」『』【】〈〉《》＜＞［］\p{So}\p{Extended_Pictographic}-]|\uFE0F)+|[\s>*_#"'`~[\]<@“”«»‹›「」『』【】〈〉《》＜＞［］-]+$/gu;
// As chats show who speaks; a link or a sentence that goes on tells of somebody.
const inBrackets = /^[\s*_]*(?:\[([^[\]]+)\](?![[(:])|【([^】]+)】|<([^<>]+)>)[*_]*(?=$|\s+(?![\s\p{Ll}])|\S)/u;
// A list, a quotation or a table tells what others said; it does not speak as them.
const reporting = /^\s*(?:[-*+•‣◦]\s|\d+[.)]\s|[>|])/;
const timeOfDay = /^\W{0,3}\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?[\])]?[\s\p{Pd}]*/iu;
const title = /^(?:agent|assistant|speaker)\s+/;
const longestLabel = 250;

/** A label that both another and the speaker itself have is its own. */
export function speakerLabels(roster: readonly Speaker[], self: Speaker): SpeakerLabels {
  const own = labelsOf(self);
  const others = roster.filter((speaker) => speaker.key !== self.key).flatMap(labelsOf);
  return { own: new Set(own), others: new Set(others.filter((label) => label !== "" && !own.includes(label))) };
}

/** Which of the labels a line begins with, and what follows it; null where it begins with none. */
export function labelIn(line: string, labels: ReadonlySet<string>): { readonly rest: string } | null {
  const start = line.slice(0, longestLabel);
  if (labels.size === 0) return null;
  return labelBefore(line, start, labels) ?? labelInBrackets(line, start, labels);
}

function labelBefore(line: string, start: string, labels: ReadonlySet<string>): { readonly rest: string } | null {
  if (!colon.test(start) || reporting.test(start)) return null;
  const skipped = timeOfDay.exec(start)?.[0].length ?? 0;
  const end = start.slice(skipped).search(colon);
  if (end < 0 || start.startsWith("://", skipped + end)) return null;
  const label = toLabel(start.slice(skipped, skipped + end));
  if (!labels.has(label) && !labels.has(label.replace(title, ""))) return null;
  return {
    rest: line
      .slice(skipped + end + 1)
      .replace(markup, "")
      .trim(),
  };
}

function labelInBrackets(line: string, start: string, labels: ReadonlySet<string>): { readonly rest: string } | null {
  const [shown, ...written] = inBrackets.exec(start) ?? [];
  const label = toLabel(written.find((one) => one !== undefined) ?? "");
  // [x] is a box to tick.
  return shown === undefined || label.length < 2 || !labels.has(label)
    ? null
    : { rest: line.slice(shown.length).trim() };
}

function labelsOf({ key, name }: Speaker): readonly string[] {
  return [key, flattenName(name)].map((text) => text.slice(0, longestLabel).split(colon)[0] ?? "").map(toLabel);
}

/** Without markup, invisible characters and what follows it in brackets, however it is written. */
export function toLabel(written: string): string {
  const shown = unmarked(written.replace(/\p{Cf}/gu, ""));
  const visible = unmarked(/^[(（](.*)[)）]$/u.exec(shown)?.[1] ?? shown);
  const bracket = visible.search(/[(（]/);
  return skeletonOf(unmarked(bracket > 0 ? visible.slice(0, bracket) : visible));
}

/** A name may be nothing but signs. */
function unmarked(text: string): string {
  return text.replace(markup, "") || text.trim();
}
