import { describe, expect, it } from "vitest";
import { allowedChanges } from "./allowed-changes.ts";
import type { SummaryChunk } from "./chunk.ts";
import { summaryFormat } from "./chunk-prompt.ts";
import type { ChunkSummary, RegisterEntry } from "./entry.ts";

function entry(order: number, kind: RegisterEntry["kind"], own: Partial<RegisterEntry> = {}): RegisterEntry {
  const plain = { status: "open", author_key: null, source_message_ids: ["s"], is_pinned: false } as const;
  return { id: `${kind}${order}`, kind, text: `Postgres number ${order}.`, order, ...plain, ...own };
}

const said = (id: string, agent_key: string | null, text: string) =>
  ({
    ref: id,
    id,
    turn_index: 1,
    author: agent_key === null ? "user" : "agent",
    agent_key,
    from: 0,
    to: 9,
    text,
  }) as const;

function chunkOf(words: string): SummaryChunk {
  const messages = [said("by-user", null, words), said("by-ada", "ada", "Hi.")];
  const none = { promptMessages: [], format: summaryFormat, maxOutputTokens: 1, refs: new Map(), previousText: "" };
  return { ...none, messages, cursorAfter: null, throughTurnIndexAfter: 1 };
}

interface Answer {
  readonly decisions?: readonly (readonly [text: string, from: "by-user" | "by-ada"])[];
  readonly words?: string;
}

type Resolved = ChunkSummary["resolved"];
const done = (...ids: readonly string[]): Resolved => ids.map((id) => ({ id, status: "done" }));
const superseded = (...ids: readonly string[]): Resolved => ids.map((id) => ({ id, status: "superseded" }));

function changes(
  entries: readonly RegisterEntry[],
  resolved: Resolved,
  { decisions = [], words = "Hello." }: Answer = {},
) {
  const decision = decisions.map(([text, from]) => ({ text, source_message_ids: [from] }));
  const findings = { decision, question: [], action: [], fact: [] };
  return allowedChanges({
    entries,
    chunk: chunkOf(words),
    summary: { text: "So.", findings, resolved, isFallback: false },
  });
}

const known = [entry(1, "decision"), entry(2, "question"), entry(3, "fact"), entry(4, "decision")];

describe("what a model may end", () => {
  it("is a question or an action that is open", () => {
    expect(changes(known, done("question2", "decision1", "fact3", "nobody9"))).toEqual(done("question2"));
    const closed = [entry(2, "question", { status: "done" }), entry(5, "action")];
    expect(changes(closed, done("question2", "action5"))).toEqual(done("action5"));
  });

  it("is nothing that the user pinned", () => {
    expect(changes([entry(2, "question", { is_pinned: true })], done("question2"))).toEqual([]);
  });

  it("is a decision or a fact only where another of its kind comes in its place, one for one", () => {
    const all = superseded("decision1", "fact3", "decision4");
    expect(changes(known, all)).toEqual([]);
    expect(changes(known, all, { decisions: [["No more Postgres.", "by-user"]] })).toEqual(superseded("decision1"));
    expect(changes(known, all, { decisions: [["postgres  number 4", "by-user"]] })).toEqual([]);
  });

  it.each([
    ["The launch is on 3 May.", "We launch on 10 May.", true],
    ["Das Budget ist 40.000 Euro.", "Wir heben das Budget auf 50.000 an.", true],
    ["発売日は5月3日です。", "発売日を5月10日に変更します。", true],
    ["The launch is on 3 May.", "We host it in Frankfurt.", false],
    ["発売日は5月3日です。", "仕入れ先は大阪の会社です。", false],
  ])("is replaced only by what speaks of the same: %s %s", (before, after, isReplaced) => {
    const resolved = superseded("decision1");
    const changed = changes([entry(1, "decision", { text: before })], resolved, { decisions: [[after, "by-user"]] });
    expect(changed).toEqual(isReplaced ? resolved : []);
  });

  it("is not what only a rule found something new beside", () => {
    const answer = { words: "Decision: the harbour opens again." };
    expect(changes(known, superseded("decision1"), answer)).toEqual([]);
  });

  it("is the user's only where the user replaces it", () => {
    const entries = [entry(1, "decision"), entry(4, "decision", { author_key: "bob" })];
    const both = superseded("decision1", "decision4");
    expect(changes(entries, both, { decisions: [["No more Postgres.", "by-ada"]] })).toEqual(superseded("decision4"));
    expect(changes(entries, both, { decisions: [["No more Postgres.", "by-user"]] })).toEqual(superseded("decision1"));
  });
});
