import { describe, expect, it } from "vitest";
import { applySummary } from "./apply-summary.ts";
import type { ChunkMessage, SummaryChunk } from "./chunk.ts";
import { summaryFormat } from "./chunk-prompt.ts";
import { type ChunkSummary, countOpen, type RegisterEntry, type SummaryFinding } from "./entry.ts";
import { maxNarrativeBytes } from "./fit.ts";
import { fallbackSummary } from "./read-summary.ts";
import { renderSummary } from "./render-summary.ts";

function said(place: number, text: string, agent_key: string | null = null): ChunkMessage {
  const author = agent_key === null ? "user" : "agent";
  return { ref: `m${place}`, id: `id${place}`, turn_index: place, author, agent_key, from: 0, to: text.length, text };
}

function chunkOf(messages: readonly ChunkMessage[], previousText = ""): SummaryChunk {
  return {
    promptMessages: [],
    format: summaryFormat,
    maxOutputTokens: 1,
    messages,
    refs: new Map(),
    previousText,
    cursorAfter: null,
    throughTurnIndexAfter: 1,
  };
}

function entry(order: number, kind: RegisterEntry["kind"], text: string, is_pinned = false): RegisterEntry {
  return { id: `e${order}`, kind, text, status: "open", author_key: null, source_message_ids: ["s"], is_pinned, order };
}

const finding = (text: string, ...sources: readonly string[]): SummaryFinding => ({
  text,
  source_message_ids: sources,
});
const nothing: ChunkSummary["findings"] = { decision: [], question: [], action: [], fact: [] };
const quiet: ChunkSummary = { text: "It went on.", findings: nothing, resolved: [], isFallback: false };

function fold(
  entries: readonly RegisterEntry[],
  summary: ChunkSummary,
  messages = [said(1, "Hello."), said(2, "Hi.", "ada")],
) {
  let made = 0;
  const makeId = () => `new${++made}`;
  return applySummary({
    previous: { text: "Before." },
    entries,
    openCounts: countOpen(entries),
    chunk: chunkOf(messages),
    summary,
    makeId,
  });
}

describe("what is in the register", () => {
  const known = [
    entry(1, "decision", "Use Postgres."),
    entry(2, "question", "Who pays?"),
    entry(3, "fact", "Code 4711."),
  ];

  it("stays word by word when an answer brings nothing", () => {
    const { newEntries, statusChanges, rendered, items } = fold(known, quiet);
    expect([newEntries, statusChanges]).toEqual([[], []]);
    expect(rendered).toBe(renderSummary("It went on.", known));
    expect(items.decisions).toEqual([{ id: "e1", text: "Use Postgres.", sources: ["s"] }]);
  });

  it("is not added again in the same words", () => {
    const again = { ...nothing, decision: [finding("use  postgres!", "id1")], fact: [finding("Use Postgres.", "id1")] };
    expect(fold(known, { ...quiet, findings: again }).newEntries.map(({ kind }) => kind)).toEqual(["fact"]);
  });

  it("ends by an explicit reference alone, and is then not rendered", () => {
    const applied = fold(known, { ...quiet, resolved: [{ id: "e2", status: "done" }] });
    expect(applied.statusChanges).toEqual([{ id: "e2", status: "done" }]);
    expect(applied.rendered).toBe(renderSummary("It went on.", [...known.slice(0, 1), ...known.slice(2)]));
  });

  it("may take back what ended when it is said anew", () => {
    const findings = { ...nothing, question: [finding("Who pays?", "id1")] };
    const { newEntries } = fold(known, { ...quiet, findings, resolved: [{ id: "e2", status: "done" }] });
    expect(newEntries).toMatchObject([{ kind: "question", text: "Who pays?" }]);
  });
});

describe("what is new", () => {
  it("joins after what was there, decisions first, by the author of its first source", () => {
    const findings = {
      ...nothing,
      fact: [finding("F.", "id2", "id1")],
      decision: [finding("D.", "id1"), finding("d", "id2")],
    };
    expect(fold([entry(7, "fact", "Old.")], { ...quiet, findings }).newEntries).toEqual([
      { id: "new1", kind: "decision", text: "D.", author_key: null, source_message_ids: ["id1"], order: 8 },
      { id: "new2", kind: "fact", text: "F.", author_key: "ada", source_message_ids: ["id2", "id1"], order: 9 },
    ]);
  });

  it("is rendered as it will be from the register", () => {
    const findings = { ...nothing, fact: [finding("F.", "id2")], question: [finding("Q?", "id1")] };
    const { newEntries, rendered, text, items } = fold([entry(7, "fact", "Old.")], { ...quiet, findings });
    const stored = newEntries.map((one) => ({ ...one, status: "open", is_pinned: false }) as const);
    expect(rendered).toBe(renderSummary(text, [entry(7, "fact", "Old."), ...stored]));
    expect(items.key_facts.map(({ id }) => id)).toEqual(["e7", "new2"]);
  });

  it("has the user's decisions in so many words, even where a model overlooked them", () => {
    const messages = [said(1, "We decided to host it in Frankfurt."), said(2, "We decided to wait for rain.", "ada")];
    const { newEntries } = fold([], quiet, messages);
    expect(newEntries).toMatchObject([
      { kind: "decision", text: "We decided to host it in Frankfurt.", author_key: null },
    ]);
    const named = { ...nothing, decision: [finding("Hosting is in Frankfurt.", "id1")] };
    expect(fold([], { ...quiet, findings: named }, messages).newEntries).toMatchObject([
      { text: "Hosting is in Frankfurt." },
    ]);
    expect(fold([entry(1, "decision", "We host in Frankfurt.")], quiet, messages).newEntries).toEqual([]);
  });
});

describe("the narrative", () => {
  it("stays when an answer tells nothing, and is bounded when it tells too much", () => {
    expect(fold([], { ...quiet, text: "…" }).text).toBe("Before.");
    const { text } = fold([], { ...quiet, text: "漢字".repeat(500_000) });
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxNarrativeBytes);
  });
});

describe("without a model's answer", () => {
  const messages = [
    said(1, "Decision: launch on 3 May.\nWho signs?"),
    said(2, `TODO: write the docs. ${"And so on. ".repeat(100)}`, "ada"),
    { ...said(3, "No.", "bob"), author: "failed_agent" } as const,
    said(4, ""),
  ];

  it("excerpts stand in, marked, after the narrative so far, with what is said in so many words", () => {
    const summary = fallbackSummary(chunkOf(messages, "Before."));
    expect(summary.text.split("\n").slice(0, 3)).toEqual([
      "Before.",
      "(Not summarised, only excerpted:)",
      "- user, turn 1: Decision: launch on 3 May. Who signs?",
    ]);
    expect(summary.text).toMatch(
      /- ada, turn 2: TODO: write the docs\. [^\n]{100,200}…\n- bob \(failed\), turn 3: No\.$/,
    );
    expect(summary.findings).toEqual({
      decision: [finding("launch on 3 May.", "id1")],
      question: [finding("Who signs?", "id1")],
      action: [finding("write the docs.", "id2")],
      fact: [],
    });
    expect([summary.resolved, summary.isFallback]).toEqual([[], true]);
    expect(fallbackSummary(chunkOf(messages, "Before."))).toEqual(summary);
  });

  it("again and again, the beginning stays and the narrative keeps its bound", () => {
    let text = "How it began.";
    for (let round = 0; round < 30; round++) text = fallbackSummary(chunkOf(messages, text)).text;
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxNarrativeBytes);
    expect(text.startsWith("How it began.")).toBe(true);
    expect(text.match(/\[…\]/g)).toHaveLength(1);
    expect(text.endsWith("- bob (failed), turn 3: No.")).toBe(true);
  });

  it("a thousand messages are excerpted within the bound", () => {
    const { text } = fallbackSummary(
      chunkOf(Array.from({ length: 1000 }, (_, place) => said(place, "漢".repeat(1000), "ada"))),
    );
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(2000);
  });
});
