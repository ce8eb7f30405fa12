import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { SummaryChunk } from "./chunk.ts";
import { summaryFormat } from "./chunk-prompt.ts";
import { readSummary } from "./read-summary.ts";

const piece = { turn_index: 1, from: 0, to: 1, text: "x" };
const chunk: SummaryChunk = {
  promptMessages: [],
  format: summaryFormat,
  maxOutputTokens: 1,
  messages: [
    { ...piece, ref: "m1", id: "u1", author: "user", agent_key: null },
    { ...piece, ref: "m2", id: "a1", author: "agent", agent_key: "ada" },
  ],
  refs: new Map([
    ["m1", "u1"],
    ["m2", "a1"],
    ["d1", "e1"],
    ["q1", "e2"],
  ]),
  previousText: "",
  cursorAfter: null,
  throughTurnIndexAfter: 1,
};
const empty = { text: "It went on.", key_facts: [], decisions: [], open_questions: [], action_items: [], resolved: [] };

function findingsOf(change: object) {
  const read = readSummary({ ...empty, ...change }, chunk);
  if (read.kind !== "read") throw new Error(read.fault);
  return read.summary;
}

describe("a summary is read", () => {
  it("with each list in its kind and its sources as message ids", () => {
    const value = {
      decisions: [{ text: "Use Postgres.", sources: ["m2", "m1", "m2"] }],
      key_facts: [{ text: "F", sources: ["m1"] }],
    };
    expect(findingsOf(value)).toEqual({
      text: "It went on.",
      findings: {
        decision: [{ text: "Use Postgres.", source_message_ids: ["a1", "u1"] }],
        question: [],
        action: [],
        fact: [{ text: "F", source_message_ids: ["u1"] }],
      },
      resolved: [],
      isFallback: false,
    });
  });

  it.each([[["m9", "d1", "[M1]", 7, "__proto__"]], ["(m1)"]])(
    "with the sources %j that are messages of the chunk",
    (sources) => {
      expect(findingsOf({ key_facts: [{ text: "F", sources }] }).findings.fact[0]?.source_message_ids).toEqual(["u1"]);
    },
  );

  it.each([[[]], [["m9"]], [null], [undefined], [{}]])(
    "with the whole chunk for sources %j that name none, agents first, so that it never passes for the user's word",
    (sources) => {
      const { findings } = findingsOf({ key_facts: [{ text: "F", sources }] });
      expect(findings.fact[0]?.source_message_ids).toEqual(["a1", "u1"]);
    },
  );

  it("with what is said twice once, and what says nothing not at all", () => {
    const items = [
      { text: "Use  Postgres!", sources: ["m1"] },
      { text: " \n… ", sources: ["m1"] },
      { text: "use postgres", sources: ["m2"] },
      "A bare text",
    ];
    expect(findingsOf({ decisions: items }).findings.decision).toEqual([
      { text: "Use Postgres!", source_message_ids: ["u1", "a1"] },
      { text: "A bare text", source_message_ids: ["a1", "u1"] },
    ]);
  });

  it("with long items cut at 500 characters, and marked", () => {
    const [first, second] = findingsOf({
      key_facts: ["漢🏛".repeat(250), "a🏛".repeat(500_000)].map((text) => ({ text, sources: ["m1"] })),
    }).findings.fact;
    expect(first?.text).toBe("漢🏛".repeat(250));
    expect(second?.text).toBe(`${"a🏛".repeat(250)} [shortened]`);
  });

  it("with what Postgres cannot keep replaced", () => {
    expect(findingsOf({ text: "a\0b\ud800" }).text).toBe("a\ufffdb\ufffd");
    expect(findingsOf({ key_facts: [{ text: "a\0b", sources: [] }] }).findings.fact[0]?.text).not.toContain("\0");
  });

  it("with the entries that end, by the first word on each; what names no entry or no end is dropped", () => {
    const resolved = [
      { ref: "q1", status: "done" },
      { ref: "Q1", status: "superseded" },
      { ref: "[d1]", status: "superseded" },
      { ref: "m1", status: "done" },
      { ref: "d7", status: "done" },
      { ref: "d1", status: "gone" },
      "d1",
    ];
    expect(findingsOf({ resolved }).resolved).toEqual([
      { id: "e2", status: "done" },
      { id: "e1", status: "superseded" },
    ]);
    expect(findingsOf({ resolved: undefined }).resolved).toEqual([]);
  });
});

describe("a summary is refused", () => {
  it.each([
    ["no object", null],
    ["a list", [empty]],
    ["no text", { ...empty, text: undefined }],
    ["a text without a word: the messages would be gone", { ...empty, text: " … " }],
    ["a list that is missing", { ...empty, decisions: undefined }],
    ["a list that is none", { ...empty, key_facts: {} }],
    ["an item without text", { ...empty, action_items: [{ sources: ["m1"] }] }],
    ["an item of another kind", { ...empty, open_questions: [7] }],
  ])("for %s", (_, value) => {
    expect(readSummary(value, chunk)).toMatchObject({ kind: "invalid", fault: expect.stringMatching(/must/) });
  });

  test("or read, whatever it is, and sources and ends are always known ids", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("m1", "d1", "done", "A fact."));
    const item = fc.oneof(
      fc.record({ text, sources: fc.anything() }),
      fc.record({ ref: text, status: text }),
      fc.anything(),
    );
    const list = fc.oneof(fc.array(item), fc.anything());
    const value = fc.record({
      text,
      key_facts: list,
      decisions: list,
      open_questions: list,
      action_items: list,
      resolved: list,
    });
    fc.assert(
      fc.property(fc.oneof(value, fc.anything()), (given) => {
        const read = readSummary(given, chunk);
        if (read.kind === "invalid") return;
        const found = Object.values(read.summary.findings).flat();
        expect(found.every(({ source_message_ids }) => source_message_ids.length > 0)).toBe(true);
        expect(["u1", "a1"]).toEqual(
          expect.arrayContaining(found.flatMap(({ source_message_ids }) => source_message_ids)),
        );
        expect(["e1", "e2"]).toEqual(expect.arrayContaining(read.summary.resolved.map(({ id }) => id)));
      }),
      { numRuns: 500 },
    );
  });
});

it("asks for what it reads: every object closed and every member required", () => {
  const open: unknown[] = [];
  const walk = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const node: Readonly<Record<string, unknown>> = { ...schema };
    const properties = Object.keys(node.properties ?? {});
    if (node.type === "object" && (node.additionalProperties !== false || `${node.required}` !== `${properties}`))
      open.push(node);
    Object.values(node).forEach(walk);
  };
  walk(summaryFormat.schema);
  expect(open).toEqual([]);
  expect(readSummary(empty, chunk).kind).toBe("read");
});
