import { flattenName } from "../speaker/quote.ts";
import { firstCodePoints } from "../text/utf8.ts";
import type { ChunkSummary } from "./entry.ts";
import { explicitFindings } from "./explicit-findings.ts";
import { boundNarrative, mostNarrativeBytes } from "./fit-text.ts";
import type { ChunkMessage, SummaryChunk } from "./ground.ts";

const mostExcerptsBytes = 2000;
const longestExcerpt = 200;
const shortestExcerpt = 40;

/** What stands in where no model's answer could be read: excerpts, and what the messages say in so many words. */
export function fallbackSummary(chunk: SummaryChunk): ChunkSummary {
  const parts = [chunk.previousText.trim(), boundNarrative(excerpts(chunk.messages), mostExcerptsBytes)];
  return {
    text: boundNarrative(parts.filter((part) => part !== "").join("\n"), mostNarrativeBytes),
    findings: explicitFindings(chunk.messages),
    resolved: [],
    isFallback: true,
  };
}

function excerpts(messages: readonly ChunkMessage[]): string {
  const share = Math.floor(mostExcerptsBytes / Math.max(1, messages.length));
  const characters = Math.min(longestExcerpt, Math.max(shortestExcerpt, share));
  const lines = messages.flatMap((message) => {
    const excerpt = excerptOf(message.text, characters);
    return excerpt === "" ? [] : [`- ${speakerOf(message)}, turn ${message.turn_index}: ${excerpt}`];
  });
  return lines.length === 0 ? "" : ["(Not summarised, only excerpted:)", ...lines].join("\n");
}

function excerptOf(text: string, characters: number): string {
  const start = flattenName(firstCodePoints(text, 2 * characters));
  const head = firstCodePoints(start, characters).trimEnd();
  return head.length < start.length || text.length > 4 * characters ? `${head}…` : head;
}

function speakerOf({ author, agent_key }: ChunkMessage): string {
  if (author === "user") return "user";
  return author === "agent" ? (agent_key ?? "") : `${agent_key ?? ""} (failed)`;
}
