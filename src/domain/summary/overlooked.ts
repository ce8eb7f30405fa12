import type { ChunkSummary, RegisterEntry, SummaryFinding } from "./entry.ts";
import { sameText } from "./entry-text.ts";
import { explicitFindings } from "./explicit-findings.ts";
import type { SummaryChunk } from "./ground.ts";

const leastShared = 0.4;

/** The user's decisions, in so many words, of which neither the model's answer nor the register has anything. */
export function overlookedDecisions(
  chunk: SummaryChunk,
  summary: ChunkSummary,
  open: readonly Pick<RegisterEntry, "kind" | "text">[],
): readonly SummaryFinding[] {
  const { decision } = explicitFindings(chunk.messages.filter(({ author }) => author === "user"));
  if (decision.length === 0) return [];
  const known = [...summary.findings.decision, ...open.filter(({ kind }) => kind === "decision")];
  const knownWords = known.map(({ text }) => new Set(contentWords(text)));
  return decision.filter(({ text }) => {
    const words = [...new Set(contentWords(text))];
    return !knownWords.some((other) => words.filter((word) => other.has(word)).length >= words.length * leastShared);
  });
}

const formWords = new Set(["decided", "agreed", "decision", "have", "will", "that", "with", "this", "from"]);

/** Short words and those that only say that it is a decision would make strangers alike. */
function contentWords(text: string): readonly string[] {
  const words = sameText(text).split(" ");
  const telling = words.filter((word) => (word.length > 3 || /\p{N}/u.test(word)) && !formWords.has(word));
  return telling.length > 0 ? telling : words;
}
