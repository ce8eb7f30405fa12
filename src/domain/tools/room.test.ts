import { expect, test } from "vitest";
import { utf8Bytes } from "../meter/utf8.ts";
import { builtInTools, runBuiltIn } from "./built-in.ts";
import { fittingSpecs, resultRoom, specRoom } from "./room.ts";

const spec = (name: string, bytes: number) => ({
  name,
  description: "x".repeat(bytes),
  parameters: { type: "object" },
});

test("all of a server's tools have more room than one of them, and built-in ones the least", () => {
  expect(specRoom(["calculator"])).toBe(1_024);
  expect(specRoom(["mail/send"])).toBe(4_096);
  expect(specRoom(["mail/*", "mail/send", "clock"])).toBe(16_384 + 4_096 + 1_024);
  expect(specRoom([])).toBe(0);
});

test("every built-in tool is described within its room", () => {
  for (const tool of builtInTools) expect(fittingSpecs([tool], specRoom([tool.name]))).toEqual([tool]);
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
  const answer = runBuiltIn(name, given, { atMs: 0, memory: [] });
  expect(utf8Bytes(answer?.text ?? "")).toBeLessThan(resultRoom([name]));
});
