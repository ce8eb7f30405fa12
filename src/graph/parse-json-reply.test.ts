import { expect, test } from "vitest";
import { parseJsonReply } from "./parse-json-reply.ts";

test.each([
  ['{"a":1}', { a: 1 }],
  [" \n\ufeff[1, 2]\n ", [1, 2]],
  ['```json\n{"a":1}\n```', { a: 1 }],
  ['\n```JSON {"a":"```"}```\n', { a: "```" }],
  ['```\n{"a":1}\n```', { a: 1 }],
  ["null", null],
  ['"words"', "words"],
])("%j is JSON", (reply, value) => {
  expect(parseJsonReply(reply)).toEqual({ kind: "json", value });
});

test.each([
  "Here it is:\n```json\n{}\n```",
  "```json\n{}\n```\nDone.",
  "```\nHere it is: {}\n```",
  "```js\n{}\n```",
  '{"a":1} {"b":2}',
  '{"a":1',
  "{a: 1}",
  "",
])("%j is none", (reply) => {
  expect(parseJsonReply(reply)).toEqual({ kind: "invalid", fault: "It is not one JSON value." });
});

test("what is nested too deeply is refused, however deep it is", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  expect(parseJsonReply(nested(64))).toMatchObject({ kind: "json" });
  const fault = "It is nested more than 64 levels deep.";
  expect(parseJsonReply(nested(65))).toEqual({ kind: "invalid", fault });
  expect(parseJsonReply(nested(200_000))).toEqual({ kind: "invalid", fault });
});
