import type { ChunkSummary, RegisterEntry, SummaryFinding } from "./entry.ts";
import { sharedWords, tellingWords } from "./entry-text.ts";
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
  const knownWords = known.map(({ text }) => tellingWords(text));
  return decision.filter(({ text }) => {
    const words = tellingWords(text);
    return !knownWords.some((other) => sharedWords(words, other) >= leastShared);
  });
}
