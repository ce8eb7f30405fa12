import { describe, expect, it } from "vitest";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import { applySummary } from "./apply-summary.ts";
import type { ChunkInput, SummaryChunk, UnsummarizedMessage } from "./chunk.ts";
import { countOpen, type EntryKind, type RegisterEntry, type SummaryCursor, type SummaryRow } from "./entry.ts";
import { isNoOp, planChunk } from "./plan-chunk.ts";
import { fallbackSummary, readSummary } from "./read-summary.ts";
import { maxRenderedBytes, renderSummary } from "./render-summary.ts";

interface Planted {
  readonly kind: EntryKind;
  readonly words: string;
}

const decisions: readonly Planted[] = [
  ["We decided to ", "host it in Frankfurt from June on."],
  ["Decision: ", "the budget is 40,000 euros."],
  ["Wir haben beschlossen, ", "im Mai mit der Nordfiliale zu beginnen."],
  ["After all that, we agreed that ", "Ada signs the contract."],
].map(([wording, words]) => ({ kind: "decision", words: `${wording}${words}` }));
const facts: readonly Planted[] = [
  "The customer number of the northern branch is 48213.",
  "Our auditor is called Ottilie Brandt.",
  "The old server stops on 17 November.",
  "Lieferungen kommen nur dienstags.",
  "The door code of the archive is 7719.",
  "仕入れ先は大阪の会社です。",
  "Le contrat expire le 9 mars.",
  "The licence covers at most 312 seats.",
].map((words) => ({ kind: "fact", words }));

const turns = 60;
const agents = ["ada", "bob", "cyd"];
// Twelve turns with something planted among forty-eight without.
const plantedByTurn = new Map([...facts, ...decisions].map((planted, place) => [2 + ((place * 23) % 55), planted]));

function messagesOf(turn_index: number): readonly UnsummarizedMessage[] {
  const planted = plantedByTurn.get(turn_index)?.words ?? "";
  const asked = `Let us look at point ${turn_index} again. ${planted} How would you go about it?`;
  const replies = agents.map(
    (key) => `As ${key} I see point ${turn_index} so. ${"One may weigh this or that. ".repeat(20)}`,
  );
  return [asked, ...replies].map((text, position) => ({
    id: `${turn_index}-${position}`,
    turn_index,
    position,
    author: position === 0 ? "user" : "agent",
    agent_key: agents[position - 1] ?? null,
    agent_name: agents[position - 1] ?? null,
    error_type: null,
    text,
    from_offset: 0,
    length: [...text].length,
  }));
}

interface Memory {
  readonly row: SummaryRow | null;
  readonly register: readonly RegisterEntry[];
}

/** What a model answers to a chunk. */
type Model = (chunk: SummaryChunk, turnIndex: number) => unknown;

function compact(memory: Memory, throughTurnIndex: number, model: Model, modelLimit: number): Memory {
  let { row, register } = memory;
  let cursor: SummaryCursor | null = { turn_index: (row?.through_turn_index ?? 0) + 1, position: 0, offset: 0 };
  while (cursor !== null) {
    const input = inputAt(cursor, { row, register }, throughTurnIndex, modelLimit);
    if (isNoOp(input)) break;
    const chunk: SummaryChunk = planChunk(input);
    const read = readSummary(model(chunk, throughTurnIndex), chunk);
    const summary = read.kind === "read" ? read.summary : fallbackSummary(chunk);
    const made = register.length;
    let ids = 0;
    const applied = applySummary({
      openCounts: countOpen(input.entries),
      previous: row,
      entries: input.entries,
      chunk,
      summary,
      makeId: () => `e${made + ++ids}`,
    });
    const statusById = new Map(applied.statusChanges.map(({ id, status }) => [id, status]));
    const fresh = applied.newEntries.map((entry) => ({ ...entry, status: "open", is_pinned: false }) as const);
    register = [...register.map((entry) => ({ ...entry, status: statusById.get(entry.id) ?? entry.status })), ...fresh];
    expect(applied.rendered).toBe(renderSummary(applied.text, register));
    cursor = chunk.cursorAfter;
    const { text, rendered } = applied;
    row = {
      id: "s",
      version: (row?.version ?? 0) + 1,
      through_turn_index: chunk.throughTurnIndexAfter,
      cursor,
      text,
      rendered,
      tokens: 1,
    };
  }
  return { row, register };
}

function inputAt(
  from: SummaryCursor,
  { row, register }: Memory,
  throughTurnIndex: number,
  modelLimit: number,
): ChunkInput {
  const after = Array.from({ length: throughTurnIndex - from.turn_index + 1 }, (_, place) =>
    messagesOf(from.turn_index + place),
  ).flat();
  const messages = after
    .filter(({ turn_index, position }) => turn_index > from.turn_index || position >= from.position)
    .map((message, place) =>
      place > 0
        ? message
        : { ...message, text: [...message.text].slice(from.offset).join(""), from_offset: from.offset },
    );
  return {
    room: { name: "Lab", goal: "Run the branch." },
    previous: row,
    entries: register.filter(({ status }) => status === "open"),
    messages,
    has_more: false,
    through_turn_index: throughTurnIndex,
    budget: contextBudget({ modelLimit, maxOutput: 2048 }),
    tokenCount: estimateTokens,
  };
}

const unheard: Memory = { row: null, register: [] };

/** Compacts every eight turns, the first time at `from` and the last at `to`. */
function converse(model: Model, modelLimit: number, { memory = unheard, from = 8, to = turns } = {}): Memory {
  let known = memory;
  for (let turn = from; turn < to; turn += 8) known = compact(known, turn, model, modelLimit);
  return compact(known, to, model, modelLimit);
}

const recalled = (memory: Memory, planted: readonly Planted[]) =>
  planted.filter(({ words }) => memory.row?.rendered.includes(words.replace(/^Decision: /, "")));

/** Sees all that is new, and beside it something of every reply: far more than a summary can hold. */
const perfect: Model = ({ messages }, turnIndex) => {
  const seen = (kind: EntryKind) =>
    [...facts, ...decisions]
      .filter((planted) => planted.kind === kind)
      .flatMap(({ words }) =>
        messages.filter(({ text }) => text.includes(words)).map(({ ref }) => ({ text: words, sources: [ref] })),
      );
  const chatter = messages
    .filter(({ author }) => author === "agent")
    .map(({ ref, id }) => ({
      text: `In reply ${id} it was said at some length that one may weigh this or that.`,
      sources: [ref],
    }));
  return {
    ...emptyLists,
    text: `They went through the points up to ${turnIndex}. ${"It took its time. ".repeat(40)}`,
    key_facts: [...chatter, ...seen("fact")],
    decisions: seen("decision"),
  };
};
const emptyLists = { key_facts: [], decisions: [], open_questions: [], action_items: [], resolved: [] };
const allOf = (refs: SummaryChunk["refs"]) => [...refs.keys()].map((ref) => ({ ref, status: "superseded" }));
const poorModels: readonly (readonly [string, Model])[] = [
  ["garbled", () => "I am sorry, but"],
  ["lazy", () => ({ ...emptyLists, text: "…" })],
  ["echoed", ({ previousText }) => ({ ...emptyLists, text: previousText || "They talked." })],
  ["ending", ({ refs }) => ({ ...emptyLists, text: "All over.", resolved: allOf(refs) })],
];

describe.each([2048, 8192, 128_000])("sixty turns, eight compactions, a model of %i tokens:", (modelLimit) => {
  it("a perfect reader's summary has every decision and every fact of the user's, whatever the agents said", () => {
    const memory = converse(perfect, modelLimit);
    expect(plantedByTurn.size).toBe(12);
    expect(memory.row?.version).toBeGreaterThanOrEqual(8);
    expect(recalled(memory, decisions)).toEqual(decisions);
    expect(recalled(memory, facts)).toEqual(facts);
    expect(memory.register.length).toBeGreaterThan(150);
    expect(new TextEncoder().encode(memory.row?.rendered).length).toBeLessThanOrEqual(maxRenderedBytes);
  });

  it.each(poorModels)("%s answers every time leave every decision that was called one", (_, model) => {
    const memory = converse(model, modelLimit);
    expect(recalled(memory, decisions)).toEqual(decisions);
    expect(memory.row?.through_turn_index).toBe(turns);
  });

  it.each(poorModels)("%s answers later lose nothing that was in the register", (_, model) => {
    const before = converse(perfect, modelLimit, { to: 24 });
    const after = converse(model, modelLimit, { memory: before, from: 32 });
    expect(after.register.slice(0, before.register.length)).toEqual(before.register);
    const early = [...facts, ...decisions].filter((planted) => recalled(before, [planted]).length > 0);
    expect(early.length).toBeGreaterThanOrEqual(4);
    expect(recalled(after, early)).toEqual(early);
  });
});
