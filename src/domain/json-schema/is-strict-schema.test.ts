import { expect, test } from "vitest";
import { isStrictSchema } from "./is-strict-schema.ts";

const closed = (properties: Record<string, unknown>, changes: object = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...changes,
});
const inner = closed({ name: { type: ["string", "null"] } });

test.each([
  closed({}),
  closed({ kind: { enum: ["a", "b"] }, list: { type: "array", items: inner } }),
  closed({ either: { anyOf: [inner, { type: "null" }] }, next: { $ref: "#/$defs/next" } }, { $defs: { next: inner } }),
])("%j is strict", (schema) => {
  expect(isStrictSchema(schema)).toBe(true);
});

const open = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };

test.each([
  { type: "string" },
  {},
  open,
  closed({ a: { type: "string" } }, { required: [] }),
  closed({ list: { type: "array", items: open } }),
  closed({ either: { anyOf: [inner, open] } }),
  closed({ next: inner }, { $defs: { next: open } }),
  closed({ maybe: { type: ["object", "null"] } }),
  closed({ size: { type: "integer", minimum: 1 } }),
  closed({ list: { type: "array", items: true } }),
])("%j is not", (schema) => {
  expect(isStrictSchema(schema)).toBe(false);
});
