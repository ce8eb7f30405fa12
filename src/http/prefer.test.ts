import { expect, it } from "vitest";
import { wantedWait } from "./prefer.ts";

it.each([
  [undefined, 0],
  ["", 0],
  ["wait=5", 5],
  ["Wait = 5", 5],
  ['wait="7"', 7],
  ["respond-async, wait=10", 10],
  ["wait=10; foo=bar", 10],
  ["respond-async,wait=10,return=minimal", 10],
  ["wait=0", 0],
  ["wait=25", 25],
  ["wait=26", 25],
  ["wait=999999", 25],
  ["wait=1234567", 0],
  ["wait=-1", 0],
  ["wait=1.5", 0],
  ["wait=soon", 0],
  ["wait", 0],
  ["await=5", 0],
  ["x-wait=5", 0],
])("takes Prefer: %j for a wait of %i seconds", (prefer, seconds) => {
  expect(wantedWait((name) => (name === "prefer" ? prefer : undefined))).toBe(seconds);
});
