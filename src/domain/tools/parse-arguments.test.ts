import { expect, test } from "vitest";
import { parseArguments } from "./parse-arguments.ts";

test.each([
  ["", {}],
  ["  ", {}],
  ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
])("%j are arguments", (text, value) => {
  expect(parseArguments(text)).toEqual({ kind: "arguments", value });
});

test("a name from the prototype is a name like any other", () => {
  const parsed = parseArguments('{"__proto__":{"isAdmin":true}}');
  expect(parsed.kind === "arguments" && Object.hasOwn(parsed.value, "__proto__")).toBe(true);
  expect(parsed).not.toHaveProperty("value.isAdmin");
});

test.each([
  ['{"a":1', "The arguments are not valid JSON."],
  ["expression=1", "The arguments are not valid JSON."],
  ["[]", "The arguments must be one JSON object."],
  ["null", "The arguments must be one JSON object."],
  ['"{}"', "The arguments must be one JSON object."],
  [`{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, "The arguments must be nested at most 32 levels deep."],
  [`{"a":"${"x".repeat(20_000)}"}`, "The arguments must have at most 16384 characters."],
])("%.40j are none", (text, fault) => {
  expect(parseArguments(text)).toEqual({ kind: "invalid", fault });
});
