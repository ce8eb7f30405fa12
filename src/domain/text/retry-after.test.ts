import { expect, test } from "vitest";
import { retryAfterSeconds } from "./retry-after.ts";

const nowMs = Date.parse("2026-11-21T02:00:00Z");

test.each([
  ["17", 17],
  [" 0 ", 0],
  ["1.2", 2],
  ["Sat, 21 Nov 2026 02:00:30 GMT", 30],
  ["Sat, 21 Nov 2026 01:59:00 GMT", 0],
  ["soon", null],
  ["9".repeat(400), 86_400],
  ["-5", null],
  [null, null],
  [undefined, null],
])("Retry-After %j is %j seconds", (header, seconds) => {
  expect(retryAfterSeconds(header, nowMs)).toBe(seconds);
});
