import { describe, expect, test } from "vitest";
import { checkSchema, weighSchema } from "./check-schema.ts";

const object = (properties: object, changes: object = {}) => ({ type: "object", properties, ...changes });

describe("a schema is accepted", () => {
  test.each([
    { type: "object" },
    object({ name: { type: ["string", "null"], minLength: 1, title: "A name" } }, { required: ["name"] }),
    object(
      { list: { type: "array", items: { $ref: "#/$defs/item" } } },
      { $defs: { item: { enum: [1, "two", null] } } },
    ),
    object(
      { either: { anyOf: [{ type: "integer", minimum: 0 }, { const: "none" }] } },
      { additionalProperties: false },
    ),
    object({ when: { type: "string", format: "date-time" }, any: true }),
    object({ "a/b~c": {}, pattern: { type: "string" }, $ref: { type: "string" } }),
  ])("%j", (schema) => {
    expect(checkSchema(schema)).toBeNull();
  });

  test("with one definition referred to from many places", () => {
    const names = Array.from({ length: 50 }, (_, index) => `p${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: "#/$defs/one" }]));
    expect(checkSchema(object(properties, { $defs: { one: { type: "string" } } }))).toBeNull();
  });
});

describe("a schema is refused", () => {
  test.each([
    [[], "", "must be a JSON schema: an object"],
    [true, "", "must be a JSON schema: an object"],
    [{ type: "array" }, "/type", 'must be "object" at the top of a schema'],
    [{}, "/type", 'must be "object" at the top of a schema'],
    [object({ a: { pattern: "(a+)+$" } }), "/properties/a/pattern", "is a keyword that is not supported"],
    [object({}, { patternProperties: { "(a+)+$": {} } }), "/patternProperties", "is a keyword that is not supported"],
    [object({}, { $id: "https://x.example" }), "/$id", "is a keyword that is not supported"],
    [object({}, { $dynamicRef: "#a" }), "/$dynamicRef", "is a keyword that is not supported"],
    [object({}, { __absolute_ref__: "#a" }), "/__absolute_ref__", "is a keyword that is not supported"],
    [
      object({ a: { $ref: "https://x.example/s.json" } }),
      "/properties/a/$ref",
      "must refer to #/$defs/name or #/definitions/name of this schema",
    ],
    [object({ a: { $ref: "#/$defs/b" } }), "/properties/a/$ref", "refers to a definition that is not there"],
    [
      object({ a: { $ref: "#/$defs/toString" } }, { $defs: {} }),
      "/properties/a/$ref",
      "refers to a definition that is not there",
    ],
    [object({ a: { format: "uri" } }), "/properties/a/format", expect.stringMatching(/^must be one of date-time, /)],
    [object({ a: { type: "text" } }), "/properties/a/type", expect.stringMatching(/^must be one of object, /)],
    [object({ a: { anyOf: [] } }), "/properties/a/anyOf", "must be a list of schemas, and not an empty one"],
    [object({ "x/y~": { items: [{}] } }), "/properties/x~1y~0/items", "must be a schema: an object, true or false"],
    [object({}, { required: "a" }), "/required", "must be a list of texts"],
    [object({ a: { minLength: -1 } }), "/properties/a/minLength", "must be a whole number from 0 up"],
    [object({ a: 5 }), "/properties", "must be an object whose every value is a schema"],
  ])("%j at %j", (schema, pointer, message) => {
    expect(checkSchema(schema)).toEqual({ pointer, message });
  });

  test.each([
    [object({ "a\0": {} }), "/properties/a\0"],
    [object({ "\ud800": {} }), "/properties/\ud800"],
    [object({ a: { title: "\0" } }), "/properties/a/title"],
    [object({ "x/y": { enum: ["a", { b: ["\udc00"] }] } }), "/properties/x~1y/enum/1/b/0"],
  ])("that no database can hold: %j at %j", (schema, pointer) => {
    const message = "must not contain NUL or unpaired surrogate characters";
    expect(checkSchema(schema)).toEqual({ pointer, message });
    expect(checkSchema(object({ a: { title: "\\u0000 💡" } }))).toBeNull();
  });

  test("that is larger than 32 KB", () => {
    expect(checkSchema(object({ a: { description: "é".repeat(16_400) } }))).toEqual({
      pointer: "",
      message: "must have at most 32768 bytes",
    });
  });

  test("that is nested more than 20 levels deep, also by values and by references", () => {
    const nested = (levels: number): object => (levels === 0 ? { type: "string" } : object({ a: nested(levels - 1) }));
    expect(checkSchema(nested(20))).toBeNull();
    expect(checkSchema(nested(21))?.message).toMatch(/at most 20 levels deep/);
    const value: unknown = JSON.parse("[".repeat(10_000) + "]".repeat(10_000));
    expect(checkSchema(object({ a: { const: value } }))?.message).toMatch(/at most 20 levels deep/);
    const chain = (length: number) =>
      object({ a: { $ref: "#/$defs/d0" } }, { $defs: chained(length, (next) => ({ $ref: `#/$defs/${next}` })) });
    expect(checkSchema(chain(15))).toBeNull();
    expect(checkSchema(chain(30))?.message).toMatch(/at most 20 levels deep/);
  });

  test("that refers to itself, at once or on the way", () => {
    const message = "must not lead back to itself";
    const self = object({ a: { $ref: "#/$defs/a" } }, { $defs: { a: { items: { $ref: "#/$defs/a" } } } });
    expect(checkSchema(self)).toMatchObject({ message });
    const round = { $defs: { a: { not: { $ref: "#/$defs/b" } }, b: { allOf: [{ $ref: "#/$defs/a" }] } } };
    expect(checkSchema(object({}, round))).toMatchObject({ message });
  });

  test("that is small and becomes huge once its references are followed", () => {
    const doubling = chained(18, (next) => ({ allOf: [{ $ref: `#/$defs/${next}` }, { $ref: `#/$defs/${next}` }] }));
    expect(checkSchema(object({}, { $defs: doubling }))?.message).toMatch(/levels deep|at most 20000 values/);
    const shallow = chained(7, (next) => ({ allOf: Array.from({ length: 9 }, () => ({ $ref: `#/$defs/${next}` })) }));
    expect(checkSchema(object({ a: { $ref: "#/$defs/d0" } }, { $defs: shallow }))).toEqual({
      pointer: "",
      message: "must hold at most 20000 values, references followed",
    });
  });
});

test("weighs what is referred to at every place that refers to it", () => {
  const $defs = { one: { type: "string", minLength: 1 } };
  const of = (count: number) =>
    weighSchema(
      object(Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, { $ref: "#/$defs/one" }])), {
        $defs,
      }),
    );
  expect(of(12) - of(2)).toBe(10 * (of(2) - of(1)));
  expect(of(2) - of(1)).toBeGreaterThanOrEqual(3);
});

/** d0 to d(length), each made from the name of the next. */
function chained(length: number, link: (next: string) => object): object {
  const links = Array.from({ length }, (_, index) => [`d${index}`, link(`d${index + 1}`)] as const);
  return Object.fromEntries([...links, [`d${length}`, { type: "string" }]]);
}
