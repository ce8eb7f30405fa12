import { asList, isRecord } from "../text/record.ts";
import { type SpeakerLabels, toLabel } from "./speaker-labels.ts";

const speakerNames = ["speaker", "agent", "agent_key", "agent_name", "author", "from", "name", "key"];
const wordsNames = ["text", "message", "content", "reply", "words", "says", "output"];
const maxCharacters = 100_000;

/** What the speaker says itself in a reply that is, as a whole, JSON of who says what; null where no other speaks in it so. */
export function ownInScript(reply: string, labels: SpeakerLabels): string | null {
  if (!/^\s*[[{]/.test(reply) || reply.length > maxCharacters) return null;
  const lines = itemsOf(parse(reply)).flatMap(lineOf);
  if (!lines.some(({ label }) => labels.others.has(label))) return null;
  const own = lines.filter(({ label }) => labels.own.has(label)).map(({ words }) => words.trim());
  return own.filter((words) => words !== "").join("\n\n");
}

/** A list, one alone, or what is in the one field of an object. */
function itemsOf(value: unknown): readonly unknown[] {
  if (!isRecord(value)) return asList(value);
  const [only, ...more] = Object.values(value);
  return more.length === 0 && Array.isArray(only) ? only : [value];
}

function lineOf(item: unknown): readonly { readonly label: string; readonly words: string }[] {
  const speaker = textOf(item, speakerNames);
  const words = textOf(item, wordsNames);
  return speaker === null || words === null ? [] : [{ label: toLabel(speaker), words }];
}

function textOf(item: unknown, names: readonly string[]): string | null {
  if (!isRecord(item)) return null;
  const [found] = Object.entries(item).filter(([name]) => names.includes(name.toLowerCase()));
  return typeof found?.[1] === "string" ? found[1] : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
