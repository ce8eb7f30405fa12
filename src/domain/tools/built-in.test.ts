import { describe, expect, test } from "vitest";
import { checkSchema } from "../json-schema/check-schema.ts";
import { builtInTools, runBuiltIn } from "./built-in.ts";
import { createMemory } from "./search-memory.ts";

const input = {
  atMs: Date.UTC(2026, 10, 21, 8, 5),
  memory: createMemory([
    { kind: "decision", from: "Ada", text: "We ship on Friday." },
    { kind: "message", from: "the user", text: 'Say "hello" on Friday.' },
  ]),
};
const run = (name: string, given: Readonly<Record<string, unknown>>) => runBuiltIn(name, given, input);

describe("the built-in tools", () => {
  test("are three, without effects, each with a closed schema of its own", () => {
    expect(builtInTools.map(({ name }) => name)).toEqual(["calculator", "clock", "search_memory"]);
    for (const { parameters, requiresApproval, description } of builtInTools) {
      expect(checkSchema(parameters)).toBeNull();
      expect(parameters.additionalProperties).toBe(false);
      expect(requiresApproval).toBe(false);
      expect(description.length).toBeGreaterThan(20);
    }
  });

  test("know no other name, not even one that every object has", () => {
    expect(run("toString", {})).toBeNull();
    expect(run("constructor", {})).toBeNull();
  });

  test.each([
    ["calculator", { expression: "2 + 3 * 4" }, "14"],
    ["calculator", { expression: "0.1 + 0.2" }, "0.3"],
    ["clock", {}, "2026-11-21T08:05:00.000Z (Saturday, UTC)"],
    ["clock", { time_zone: null }, "2026-11-21T08:05:00.000Z (Saturday, UTC)"],
    [
      "clock",
      { time_zone: "Asia/Tokyo" },
      "Saturday, 21 November 2026 at 17:05:00 GMT+9 (Asia/Tokyo)\n2026-11-21T08:05:00.000Z (UTC)",
    ],
    ["search_memory", { query: "ship" }, '1. {"kind":"decision","from":"Ada","text":"We ship on Friday."}'],
    [
      "search_memory",
      { query: "friday", limit: 1 },
      '1. {"kind":"message","from":"the user","text":"Say \\"hello\\" on Friday."}',
    ],
    ["search_memory", { query: "weather" }, "Nothing that is remembered has these words."],
  ])("%s with %j answers %j", (name, given, text) => {
    expect(run(name, given)).toEqual({ kind: "ok", text });
  });

  test.each([
    ["calculator", {}, 'It needs "expression", a text.'],
    ["calculator", { expression: ["1"] }, 'It needs "expression", a text.'],
    ["calculator", { expression: "alert(1)" }, 'The expression has "alert" where a number should be.'],
    ["clock", { time_zone: 5 }, '"time_zone" is the name of a time zone, such as Europe/Berlin.'],
    ["clock", { time_zone: "Mars/Olympus" }, expect.stringContaining("no time zone that is known")],
    ["search_memory", {}, 'It needs "query", a text.'],
    ["search_memory", { query: " " }, 'It needs "query", a text.'],
    ["search_memory", { query: "x", limit: 1e9 }, '"limit" is a whole number from 1 to 10.'],
    ["search_memory", { query: "x", limit: "2" }, '"limit" is a whole number from 1 to 10.'],
  ])("%s with %j fails in words", (name, given, text) => {
    expect(run(name, given)).toEqual({ kind: "failed", text });
  });
});
