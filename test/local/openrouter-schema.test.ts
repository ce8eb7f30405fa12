import { type Schema, Validator } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonSchema } from "../../src/local/openrouter/json-value.ts";
import { schemaInstance, type Wording } from "../../src/local/openrouter/schema-instance.ts";

const sentences = ["Begin with ten customers.", "Then look again.", "Stop if nobody comes back."];
const wording: Wording = { seed: "a question", words: (index) => sentences[index % sentences.length] ?? "" };

function instanceOf(schema: JsonSchema, seed = wording.seed): unknown {
  return schemaInstance(schema, { ...wording, seed });
}

/** Arrives as text, as at a model, so that nothing but JSON can be in it. */
function errorsOf(schema: JsonSchema, instance: unknown): unknown[] {
  const validator = new Validator(schema as Schema, "2020-12", false);
  const { valid, errors } = validator.validate(JSON.parse(JSON.stringify(instance)));
  return valid ? [] : errors;
}

const name = fc.constantFrom("text", "reason", "confidence", "agent_key", "count", "ranking", "continue", "x");
const size = fc.nat({ max: 4 });

const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.constant({ type: "null" }),
  fc.constant({ type: "boolean" }),
  fc
    .tuple(size, fc.nat({ max: 300 }))
    .map(([least, more]) => ({ type: "string", minLength: least * 40, maxLength: least * 40 + more })),
  fc.constantFrom("date-time", "date", "email", "uri", "uuid").map((format) => ({ type: "string", format })),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), size)
    .map(([low, more]) => ({ type: "integer", minimum: low, maximum: low + more })),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), size)
    .map(([low, more]) => ({ type: "integer", exclusiveMinimum: low, exclusiveMaximum: low + more + 2 })),
  fc
    .tuple(fc.double({ min: -9, max: 9, noNaN: true }), size)
    .map(([low, more]) => ({ type: "number", exclusiveMinimum: low, maximum: low + more + 0.5 })),
  fc.integer({ min: 2, max: 9 }).map((step) => ({ type: "integer", multipleOf: step, minimum: -5 })),
  fc
    .array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1, maxLength: 4 })
    .map((values) => ({ enum: values })),
  fc.oneof(fc.string(), fc.integer(), fc.constant(null)).map((value) => ({ const: value })),
  fc.constant({ type: ["string", "null"] }),
  fc.constantFrom("^[A-Z]{3}$", "^\\d{4}$", "^[a-z0-9_-]+$").map((pattern) => ({ type: "string", pattern })),
);

const { schema: anySchema } = fc.letrec<{
  schema: JsonSchema;
  object: JsonSchema;
  array: JsonSchema;
  choice: JsonSchema;
}>((tie) => ({
  schema: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("object"), tie("array"), tie("choice")),
  object: fc
    .record({
      properties: fc.dictionary(name, tie("schema"), { maxKeys: 4 }),
      isClosed: fc.boolean(),
      requiredCount: size,
    })
    .map(({ properties, isClosed, requiredCount }) => ({
      type: "object",
      properties,
      required: Object.keys(properties).slice(0, requiredCount),
      ...(isClosed ? { additionalProperties: false } : {}),
    })),
  array: fc
    .tuple(tie("schema"), size, size)
    .map(([items, least, more]) => ({ type: "array", items, minItems: least, maxItems: least + more })),
  choice: fc
    .tuple(fc.array(tie("schema"), { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([branches, isTagged]) => (isTagged ? { oneOf: branches.map(tagged) } : { anyOf: branches })),
}));

function tagged(branch: JsonSchema, index: number): JsonSchema {
  return {
    type: "object",
    properties: { kind: { const: `k${index}` }, value: branch },
    required: ["kind", "value"],
    additionalProperties: false,
  };
}

describe("an instance of a schema", () => {
  it("is valid for any schema made of the supported keywords", () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        expect(errorsOf(schema, instanceOf(schema))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("is the same for the same schema and question", () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        expect(instanceOf(schema)).toEqual(instanceOf(schema));
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, JsonSchema]>([
    [
      "a recursive reference",
      {
        $defs: {
          node: {
            type: "object",
            properties: { text: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
            required: ["text", "children"],
          },
        },
        $ref: "#/$defs/node",
      },
    ],
    [
      "a recursion that must be ended by null",
      {
        $defs: {
          list: {
            type: "object",
            properties: { next: { anyOf: [{ $ref: "#/$defs/list" }, { type: "null" }] } },
            required: ["next"],
            additionalProperties: false,
          },
        },
        $ref: "#/$defs/list",
      },
    ],
    [
      "definitions under the older name",
      {
        definitions: { a: { type: "integer", minimum: 3 } },
        type: "object",
        properties: { a: { $ref: "#/definitions/a" } },
        required: ["a"],
      },
    ],
    [
      "allOf",
      {
        allOf: [
          { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
          { properties: { b: { type: "string" } }, required: ["b"] },
        ],
      },
    ],
    [
      "unique items of an enum",
      { type: "array", items: { enum: ["a", "b", "c"] }, minItems: 3, maxItems: 3, uniqueItems: true },
    ],
    ["more wishes than unique values", { type: "array", items: { enum: ["a"] }, uniqueItems: true }],
    [
      "as many unique integers as there are",
      { type: "array", items: { type: "integer", minimum: 0, maximum: 3 }, minItems: 4, uniqueItems: true },
    ],
    [
      "unique objects",
      {
        type: "array",
        items: {
          type: "object",
          properties: { on: { type: "boolean" }, n: { enum: [1, 2] } },
          required: ["on", "n"],
          additionalProperties: false,
        },
        minItems: 2,
        uniqueItems: true,
      },
    ],
    [
      "a record of numbers",
      { type: "object", additionalProperties: { type: "number", minimum: 0, maximum: 1 }, minProperties: 2 },
    ],
    ["a tuple", { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false, minItems: 2 }],
    [
      "overlapping oneOf",
      {
        oneOf: [
          { type: "number", multipleOf: 5 },
          { type: "number", multipleOf: 3 },
        ],
      },
    ],
    ["an empty schema", {}],
  ])("is valid for %s", (_, schema) => {
    expect(errorsOf(schema, instanceOf(schema))).toEqual([]);
  });
});
