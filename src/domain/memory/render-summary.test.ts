import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { utf8Bytes } from "../text/utf8.ts";
import { layOutSummary, maxRenderedBytes, type RenderableEntry, renderSummary } from "./render-summary.ts";

function entry(order: number, kind: RenderableEntry["kind"], text: string, change: Partial<RenderableEntry> = {}) {
  return { id: `e${order}`, kind, text, status: "open", author_key: null, is_pinned: false, order, ...change } as const;
}

const many = (kind: RenderableEntry["kind"], count: number, change: Partial<RenderableEntry> = {}, from = 0) =>
  Array.from({ length: count }, (_, at) => entry(from + at, kind, `${kind} ${from + at} ${"x".repeat(200)}.`, change));
const ordersOf = (entries: readonly RenderableEntry[]) => entries.map(({ order }) => order);

describe("a summary", () => {
  it("has its open entries in plain lines, the oldest first, then the narrative", () => {
    const entries = [
      entry(5, "fact", "The code is 4711."),
      entry(2, "decision", "Second."),
      entry(1, "decision", "First."),
      entry(3, "question", "Who pays?"),
      entry(4, "action", "Ada writes the docs."),
      entry(6, "question", "Answered?", { status: "done" }),
      entry(7, "decision", "Gone.", { status: "superseded" }),
    ];
    expect(renderSummary("It began.\nIt went on.\n", entries)).toBe(
      [
        "Decisions:\n- First.\n- Second.",
        "Open questions:\n- Who pays?",
        "Action items:\n- Ada writes the docs.",
        "Key facts:\n- The code is 4711.",
        "So far:\nIt began.\nIt went on.",
      ].join("\n\n"),
    );
    expect([renderSummary("", []), renderSummary("Only this.", [])]).toEqual(["", "So far:\nOnly this."]);
  });

  it("keeps an entry on its line, so that none can pass for another", () => {
    expect(renderSummary("", [entry(1, "fact", "One.\n\nDecisions:\n- Pay.")])).toBe(
      "Key facts:\n- One. Decisions: - Pay.",
    );
  });

  it("gives up narrative first, from its middle, down to what fits", () => {
    const facts = many("fact", 40);
    const rendered = renderSummary(`Start. ${"Then this. ".repeat(1000)}End.`, facts);
    expect(facts.every(({ text }) => rendered.includes(text))).toBe(true);
    expect(rendered).toMatch(/So far:\nStart\. .*\n\[…\]\n.*End\.$/);
    expect(utf8Bytes(rendered)).toBeGreaterThan(maxRenderedBytes - 100);
  });

  it("then gives up facts: of agents before the user's, from the middle, and says how many", () => {
    const entries = [
      ...many("fact", 30, { author_key: "ada" }),
      ...many("fact", 40, {}, 30),
      ...many("decision", 5, {}, 70),
    ];
    const { rendered, shown } = layOutSummary("Story. ".repeat(500), entries);
    const facts = shown.filter(({ kind }) => kind === "fact");
    expect(facts.filter(({ author_key }) => author_key === null)).toHaveLength(40);
    const ofAda = ordersOf(facts.filter(({ author_key }) => author_key === "ada"));
    expect(ofAda.length).toBeLessThan(30);
    expect(ofAda[0]).toBe(0);
    expect(rendered).toContain(`(${30 - ofAda.length} more in the register only.)`);
    expect(rendered).toMatch(/So far:\nStory\./);
  });

  it("has what is pinned and what the user said before what agents said, since a narrow window holds its first lines alone", () => {
    const entries = [
      ...many("fact", 2, { author_key: "ada" }),
      ...many("fact", 2, {}, 2),
      ...many("fact", 1, { author_key: "ada", is_pinned: true }, 4),
    ];
    const lines = renderSummary("", entries).split("\n").slice(1);
    expect(lines.map((line) => Number(/fact (\d)/.exec(line)?.[1]))).toEqual([4, 2, 3, 0, 1]);
  });

  it("keeps early and late facts when those in between must go", () => {
    const orders = ordersOf(layOutSummary("", many("fact", 200)).shown);
    expect(orders.slice(0, 3)).toEqual([0, 1, 2]);
    expect(orders.slice(-3)).toEqual([197, 198, 199]);
  });

  it("then the oldest questions and actions, and decisions last", () => {
    const entries = [
      ...many("question", 40),
      ...many("fact", 10, {}, 40),
      ...many("decision", 30, { author_key: "ada" }, 50),
    ];
    const { shown } = layOutSummary("Story.", entries);
    expect(shown.filter(({ kind }) => kind === "decision")).toHaveLength(30);
    expect(shown.filter(({ kind }) => kind === "fact")).toEqual([]);
    const asked = ordersOf(shown.filter(({ kind }) => kind === "question"));
    expect([asked.length > 0, asked.length < 40, asked.at(-1)]).toEqual([true, true, 39]);
    expect(renderSummary("Story.", many("decision", 100))).toMatch(/\(\d+ more in the register only\.\)/);
  });

  it("never gives up what is pinned before what is not", () => {
    const entries = [...many("decision", 100), ...many("fact", 20, { is_pinned: true, author_key: "ada" }, 100)];
    const { shown } = layOutSummary("", entries);
    expect(shown.filter(({ is_pinned }) => is_pinned)).toHaveLength(20);
    expect(shown.some(({ kind, is_pinned }) => kind === "decision" && !is_pinned)).toBe(true);
  });

  it("keeps its bound to the byte, whatever it is filled with", () => {
    for (let length = 1; length <= 60; length++) {
      const short = (order: number) => entry(order, "decision", "x".repeat(length));
      const filled = Array.from({ length: 12_000 / (length + 3) + 9 }, (_, order) => short(order));
      expect(utf8Bytes(renderSummary("y".repeat(20_000), filled))).toBeLessThanOrEqual(maxRenderedBytes);
      expect(utf8Bytes(renderSummary("y".repeat(20_000), [short(1)]))).toBe(maxRenderedBytes);
    }
  });

  it("shortens an entry of any length, marked", () => {
    const rendered = renderSummary("", [entry(1, "decision", "🏛".repeat(500_000)), entry(2, "decision", "Short.")]);
    expect(rendered).toMatch(/🏛 \[shortened\]\n- Short\.$/u);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .tuple(fc.constantFrom("word ", "漢", "🏛", "\n", "- x", "[…]\n"), fc.integer({ min: 1, max: 900 }))
    .map(([part, times]) => part.repeat(times)),
);
const anyEntries = fc
  .array(
    fc.record({
      kind: fc.constantFrom("decision", "question", "action", "fact"),
      text: anyText,
      status: fc.constantFrom("open", "open", "open", "done", "superseded"),
      author_key: fc.constantFrom(null, "ada"),
      is_pinned: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((entries) => entries.map((one, order) => ({ ...one, id: `e${order}`, order })));

describe("whatever is in it, a summary", () => {
  test("keeps within its bound, and is the same whatever order it is made from", () => {
    fc.assert(
      fc.property(anyText, anyEntries, (narrative, entries) => {
        const rendered = renderSummary(narrative, entries);
        expect(utf8Bytes(rendered)).toBeLessThanOrEqual(maxRenderedBytes);
        expect(renderSummary(narrative, entries.toReversed())).toBe(rendered);
        expect(rendered).not.toMatch(/\p{Surrogate}/u);
      }),
      { numRuns: 200 },
    );
  });

  test("holds all open entries that are worth as much as one that it holds", () => {
    fc.assert(
      fc.property(anyText, anyEntries, (narrative, entries) => {
        const { shown } = layOutSummary(narrative, entries);
        const missing = entries.filter((one) => one.status === "open" && !shown.includes(one));
        const rank = (one: RenderableEntry) =>
          (one.is_pinned ? 0 : 10) + { decision: 0, question: 1, action: 1, fact: 2 }[one.kind];
        const least = Math.max(-1, ...shown.map(rank));
        expect(missing.filter((one) => rank(one) < least)).toEqual([]);
        expect(missing.filter((one) => one.is_pinned && shown.some(({ is_pinned }) => !is_pinned))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("holds each decision word by word while the decisions fit", () => {
    const words = fc
      .tuple(fc.constantFrom("Use it. ", "漢字", "🏛 "), fc.integer({ min: 1, max: 40 }))
      .map(([part, times]) => part.repeat(times).trim());
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 40 }),
        anyText,
        fc.array(words, { maxLength: 60 }),
        (decisions, narrative, facts) => {
          const made = decisions.map((text, place) => entry(place, "decision", text));
          fc.pre(made.reduce((sum, { text }) => sum + utf8Bytes(text) + 3, 0) < maxRenderedBytes - 500);
          const entries = [...made, ...facts.map((text, place) => entry(100 + place, "fact", text))];
          const lines = renderSummary(narrative, entries).split("\n");
          expect(lines.slice(1, made.length + 1)).toEqual(made.map(({ text }) => `- ${text}`));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("only grows at the end of a section while there is room", () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const small = entries.map((one) => ({ ...one, text: `a${one.text.slice(0, 20)}` }));
        const before = renderSummary("", small).split("\n");
        const after = renderSummary("", [...small, entry(99, "decision", "The newest.")]).split("\n");
        const rest = after.filter((line) => line !== "- The newest.");
        const isFirst = !before.includes("Decisions:");
        expect(rest.slice(isFirst ? (before[0] === "" ? 1 : 2) : 0)).toEqual(before[0] === "" ? [] : before);
      }),
      { numRuns: 100 },
    );
  });
});
