import { expect, it } from "vitest";
import { shouldSweepOn } from "./sweep-pace.ts";

const full = { messages: 200, most: 200, isPublished: true, elapsedMs: 39_999, budgetMs: 40_000 };

it.each([
  ["goes on after a full batch that was published in time", full, true],
  ["ends with a batch that is not full", { ...full, messages: 199 }, false],
  ["ends when nothing is due", { ...full, messages: 0 }, false],
  ["ends when the queue took nothing", { ...full, isPublished: false }, false],
  ["ends when its time is up", { ...full, elapsedMs: 40_000 }, false],
])("%s", (_what, batch, goesOn) => {
  expect(shouldSweepOn(batch)).toBe(goesOn);
});
