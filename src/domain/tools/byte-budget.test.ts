import { expect, test } from "vitest";
import { utf8Bytes } from "../text/utf8.ts";
import { builtInTools, runBuiltIn } from "./built-in.ts";
import { descriptionBudget, fittingSpecs, nextResultBudget, resultBudgets } from "./byte-budget.ts";
import { quoteResult } from "./result.ts";
import { createMemory } from "./search-memory.ts";

const spec = (name: string, bytes: number) => ({
  name,
  description: "x".repeat(bytes),
  parameters: { type: "object" },
});

test("all of a server's tools have more room than one of them, and built-in ones the least", () => {
  expect(descriptionBudget(["calculator"])).toBe(1_024);
  expect(descriptionBudget(["mail/send"])).toBe(4_096);
  expect(descriptionBudget(["mail/*", "mail/send", "clock"])).toBe(16_384 + 4_096 + 1_024);
  expect(descriptionBudget([])).toBe(0);
});

test("every built-in tool is described within its room", () => {
  for (const tool of builtInTools) expect(fittingSpecs([tool], descriptionBudget([tool.name]))).toEqual([tool]);
});

test("what does not fit is left out, and what comes after it may still fit", () => {
  const tools = [spec("a", 1_000), spec("b", 4_000), spec("c", 1_000)];
  expect(fittingSpecs(tools, 4_096).map(({ name }) => name)).toEqual(["a", "c"]);
});

test.each([
  ["calculator", { expression: "9".repeat(500) }],
  ["calculator", { expression: `${"é".repeat(400)}` }],
  ["clock", { time_zone: "America/Argentina/ComodRivadavia" }],
  ["clock", { time_zone: "é".repeat(64) }],
])("what %s answers to %j is as short as is counted on", (name, given) => {
  const answer = runBuiltIn(name, given, { atMs: 0, memory: createMemory([]) });
  const quoted = quoteResult({ tool: name, status: "failed", text: answer?.text ?? "" }, nextResultBudget(0));
  expect(utf8Bytes(quoted)).toBeLessThan(resultBudgets([name])[0] ?? 0);
});

test("of a step's results each leaves half of what is left, and never less than it takes to say something", () => {
  expect(resultBudgets(["mail/*"])).toEqual([8_192, 8_192, 4_096, 2_048, 1_024, 512, 512, 512]);
  expect(resultBudgets(["calculator", "clock"])).toEqual(Array.from({ length: 8 }, () => 640));
  expect(nextResultBudget(8 * 2_500)).toBe(2_288);
  expect(nextResultBudget(1_000_000)).toBe(512);
});
