import type { StepResult } from "../../contract/step-results.ts";
import { flattenName } from "../speaker/quote.ts";
import { storable } from "../text/storable.ts";
import { firstCodePoints } from "../text/utf8.ts";
import type { ChunkMessage, SummaryChunk } from "./chunk.ts";
import { type ChunkSummary, type EntryKind, entryKinds, type SummaryFinding } from "./entry.ts";
import { mergeDuplicates, saysSomething, toEntryText } from "./entry-text.ts";
import { explicitFindings } from "./explicit-findings.ts";
import { boundNarrative, maxNarrativeBytes } from "./fit.ts";

export type ReadSummary =
  | { readonly kind: "read"; readonly summary: ChunkSummary }
  | { readonly kind: "invalid"; readonly fault: string };

const listByKind: Readonly<Record<EntryKind, string>> = {
  decision: "decisions",
  question: "open_questions",
  action: "action_items",
  fact: "key_facts",
};

/**
 * A model's answer. What would lose something is refused: a text without a word, a list that is missing, an item without text.
 * What loses nothing is borne: references to nowhere, repetitions, blanks, what is too long.
 */
export function readSummary(value: unknown, chunk: SummaryChunk): ReadSummary {
  if (!isRecord(value)) return invalid("the answer must be a JSON object");
  const { text } = value;
  if (typeof text !== "string") return invalid('"text" must be a string');
  if (!saysSomething(text)) return invalid('"text" must tell what happened');
  const lists = new Map<EntryKind, readonly SummaryFinding[]>();
  for (const kind of entryKinds) {
    const read = readList(value[listByKind[kind]], chunk);
    if (read === null) return invalid(`"${listByKind[kind]}" must be a list of {"text", "sources"}`);
    lists.set(kind, read);
  }
  const findings = {
    decision: lists.get("decision") ?? [],
    question: lists.get("question") ?? [],
    action: lists.get("action") ?? [],
    fact: lists.get("fact") ?? [],
  };
  const resolved = readResolved(value.resolved, chunk);
  return { kind: "read", summary: { text: storable(text).trim(), findings, resolved, isFallback: false } };
}

function invalid(fault: string): ReadSummary {
  return { kind: "invalid", fault };
}

function readList(value: unknown, chunk: SummaryChunk): readonly SummaryFinding[] | null {
  if (!Array.isArray(value)) return null;
  const findings: SummaryFinding[] = [];
  for (const item of value) {
    const text = isRecord(item) ? item.text : item;
    if (typeof text !== "string") return null;
    if (!saysSomething(text)) continue;
    findings.push({
      text: toEntryText(text),
      source_message_ids: readSources(isRecord(item) ? item.sources : [], chunk),
    });
  }
  return mergeDuplicates(findings);
}

function readSources(value: unknown, chunk: SummaryChunk): readonly string[] {
  const refs = Array.isArray(value) ? value : [value];
  const ids = refs.flatMap((ref) => {
    const id = typeof ref === "string" && isMessageRef(ref) ? chunk.refs.get(normalRef(ref)) : undefined;
    return id === undefined ? [] : [id];
  });
  return ids.length > 0 ? [...new Set(ids)] : somewhereIn(chunk);
}

const maxUnsureSources = 64;

/**
 * What names no source is from one of these. Agents' messages first: the author of an entry is that of its first source, and what
 * may be an agent's must not pass for the user's word.
 */
function somewhereIn({ messages }: SummaryChunk): readonly string[] {
  const ofAgents = messages.filter(({ author }) => author !== "user");
  const ofUser = messages.filter(({ author }) => author === "user");
  return [...ofAgents, ...ofUser].slice(0, maxUnsureSources).map(({ id }) => id);
}

/** Of an entry that is named twice the first word counts; one that names no entry, or no end of it, ends nothing. */
function readResolved(value: unknown, chunk: SummaryChunk): ChunkSummary["resolved"] {
  const statusById = new Map<string, "done" | "superseded">();
  for (const item of Array.isArray(value) ? value : []) {
    if (!isRecord(item) || typeof item.ref !== "string" || isMessageRef(item.ref)) continue;
    const id = chunk.refs.get(normalRef(item.ref));
    if (id === undefined || statusById.has(id)) continue;
    if (item.status === "done" || item.status === "superseded") statusById.set(id, item.status);
  }
  return [...statusById].map(([id, status]) => ({ id, status }));
}

const longestRef = 12;

/** Models put brackets around what they cite. */
function normalRef(ref: string): string {
  return ref
    .slice(0, longestRef)
    .replace(/[\s[\]()"'`]/g, "")
    .toLowerCase();
}

function isMessageRef(ref: string): boolean {
  return normalRef(ref).startsWith("m");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type ChunkReply =
  | { readonly kind: "read"; readonly result: Extract<StepResult, { kind: "structured" }>; readonly text: null }
  | Extract<ReadSummary, { kind: "invalid" }>;

/** A model's answer as the summary that it must be; what comes of it is read again from the value. */
export function readChunkReply(chunk: SummaryChunk, value: unknown): ChunkReply {
  const read = readSummary(value, chunk);
  return read.kind === "invalid" ? read : { kind: "read", result: { kind: "structured", value }, text: null };
}

/** From the model's answer, or by rule where there is none that can be read. */
export function sumUp(chunk: SummaryChunk, result: StepResult | null): ChunkSummary {
  const read = result?.kind === "structured" ? readSummary(result.value, chunk) : null;
  return read?.kind === "read" ? read.summary : fallbackSummary(chunk);
}

const maxExcerptsBytes = 2000;
const longestExcerpt = 200;
const shortestExcerpt = 40;

/** What stands in where no model's answer could be read: excerpts, and what the messages say in so many words. */
export function fallbackSummary(chunk: SummaryChunk): ChunkSummary {
  const parts = [chunk.previousText.trim(), boundNarrative(excerpts(chunk.messages), maxExcerptsBytes)];
  return {
    text: boundNarrative(parts.filter((part) => part !== "").join("\n"), maxNarrativeBytes),
    findings: explicitFindings(chunk.messages),
    resolved: [],
    isFallback: true,
  };
}

function excerpts(messages: readonly ChunkMessage[]): string {
  const share = Math.floor(maxExcerptsBytes / Math.max(1, messages.length));
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
