import { describe, expect, test } from "vitest";
import { createSchemaCheck } from "../../src/adapters/json-schema/schema-check.ts";

const { check, checkSchema } = createSchemaCheck();

const schema = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 2 },
    when: { type: "string", format: "date" },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, uniqueItems: true },
    "odd/name~é": { type: "integer" },
  },
  required: ["name"],
  additionalProperties: false,
  $defs: { tag: { enum: ["a", "b"] } },
};

describe("a check against a schema", () => {
  test("finds nothing in a value that has its form", () => {
    expect(checkSchema(schema)).toBeNull();
    expect(check(schema, { name: "Ada", when: "2026-11-21", tags: ["a", "b"], "odd/name~é": 3 })).toEqual([]);
  });

  test.each([
    [{}, ["", /required property "name"/]],
    [[], ["", /type "array" is invalid/]],
    [{ name: "A" }, ["/name", /too short/]],
    [{ name: 5 }, ["/name", /type "number" is invalid/]],
    [{ name: "Ada", when: "soon" }, ["/when", /format "date"/]],
    [{ name: "Ada", tags: ["a", "c"] }, ["/tags/1", /does not match any of/]],
    [{ name: "Ada", tags: ["a", "a"] }, ["/tags", /Duplicate/]],
    [{ name: "Ada", more: 1 }, ["/more", /False boolean schema/]],
    [{ name: "Ada", "odd/name~é": 1.5 }, ["/odd~1name~0é", /Expected "integer"/]],
    [JSON.parse('{"name":"Ada","__proto__":{"x":1},"constructor":1}'), ["/__proto__", /False boolean schema/]],
  ] as const)("says of %j where it differs and how", (value, [pointer, message]) => {
    expect(check(schema, value)).toContainEqual({ pointer, message: expect.stringMatching(message) });
  });

  test("names every fault of a small value, each once, and ten at the most", () => {
    const faults = check(schema, { name: 1, when: 2, tags: 3 });
    expect(faults.map(({ pointer }) => pointer)).toEqual(["/name", "/when", "/tags"]);
    expect(check(schema, { name: "Ada", tags: Array.from({ length: 40 }, (_, n) => n) })).toHaveLength(10);
  });

  test("leaves the schema as it was, and may be repeated", () => {
    const frozen = deepFrozen(structuredClone(schema));
    expect(check(frozen, { name: "Ada" })).toEqual([]);
    expect(check(frozen, { name: "Ada" })).toEqual([]);
    expect(Reflect.ownKeys(frozen)).toEqual(Reflect.ownKeys(schema));
  });

  test("is refused where it would take too long", () => {
    const wide = {
      type: "object",
      properties: { list: { items: { anyOf: Array.from({ length: 1_000 }, (_, n) => ({ const: `never ${n}` })) } } },
    };
    expect(checkSchema(wide)).toBeNull();
    const tooLarge = [{ pointer: "", message: "is too large to be checked against its schema" }];
    expect(check(wide, { list: Array.from({ length: 20_000 }, (_, n) => n) })).toEqual(tooLarge);
    const unique = { type: "object", properties: { list: { uniqueItems: true } } };
    expect(check(unique, { list: Array.from({ length: 5_000 }, (_, n) => n) })).toEqual(tooLarge);
    expect(check(unique, { list: Array.from({ length: 500 }, (_, n) => n) })).toEqual([]);
  });

  test("of a value that cannot be spelled in a pointer is a fault and no crash", () => {
    const closed = { type: "object", additionalProperties: { type: "string" } };
    expect(check(closed, { "\ud800": 1 })).toEqual([{ pointer: "", message: "cannot be checked against its schema" }]);
  });
});

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}
