import { flattenName, type Speaker } from "./quote.ts";

/** As what a line may begin to speak: the label before its colon. */
export interface SpeakerLabels {
  readonly own: ReadonlySet<string>;
  readonly others: ReadonlySet<string>;
}

const colon = /[:：﹕︓꞉∶ː]/;
const markup = /^[\s>*_#"'`~[\]<@“”«»-]+|[\s>*_#"'`~[\]<@“”«»-]+$/g;
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
  if (labels.size === 0 || !colon.test(start) || reporting.test(start)) return null;
  const skipped = timeOfDay.exec(start)?.[0].length ?? 0;
  const end = start.slice(skipped).search(colon);
  if (end < 0) return null;
  const label = bare(start.slice(skipped, skipped + end));
  if (!labels.has(label) && !labels.has(label.replace(title, ""))) return null;
  return {
    rest: line
      .slice(skipped + end + 1)
      .replace(markup, "")
      .trim(),
  };
}

function labelsOf({ key, name }: Speaker): readonly string[] {
  return [key, flattenName(name)].map((text) => text.slice(0, longestLabel).split(colon)[0] ?? "").map(bare);
}

/** Without markup, invisible characters and what follows it in brackets, however it is written. */
function bare(label: string): string {
  const visible = label.replace(/\p{Cf}/gu, "").replace(markup, "");
  const bracket = visible.search(/[(（]/);
  const name = (bracket > 0 ? visible.slice(0, bracket) : visible).replace(markup, "");
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
}
