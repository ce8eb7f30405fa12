import { describe, expect, it } from "vitest";
import { expectedVersion, settled, unlessKnown } from "./etag.ts";

const header = (name: string, value: string | undefined) => (asked: string) => (asked === name ? value : undefined);
const asking = (etags: string | undefined) => ({ header: header("if-none-match", etags), query: undefined });

describe("If-Match", () => {
  it.each([
    [undefined, null],
    ["*", null],
    ['"1"', 1],
    [' "42" ', 42],
    ['"999999999"', 999_999_999],
  ])("%j asks for version %j", (value, version) => {
    expect(expectedVersion(header("if-match", value))).toBe(version);
  });

  it.each(['"0"', '"01"', "1", 'W/"1"', '"1", "2"', '"x"', '"-1"', '"1000000000"', '""'])(
    "%s names no version of ours",
    (value) => {
      expect(() => expectedVersion(header("if-match", value))).toThrow(
        expect.objectContaining({ code: "precondition_failed" }),
      );
    },
  );
});

describe("If-None-Match", () => {
  const resource = { version: 3, name: "x" };

  it.each(['"3"', 'W/"3"', '"1", "3"', "*"])("%s knows version 3 already", (value) => {
    expect(unlessKnown(resource, asking(value))).toEqual({
      status: 304,
      headers: { ETag: '"3"' },
      body: null,
    });
  });

  it.each([undefined, '"2"', "3", ""])("%j wants to see it", (value) => {
    expect(unlessKnown(resource, asking(value))).toMatchObject({
      status: 200,
      headers: { ETag: '"3"' },
      body: JSON.stringify(resource),
    });
  });
});

it("hands out a change that was made, and says why one was not", () => {
  expect(settled({ kind: "done", value: 7 })).toBe(7);
  expect(() => settled({ kind: "missing" })).toThrow(expect.objectContaining({ code: "not_found" }));
  expect(() => settled({ kind: "stale" })).toThrow(expect.objectContaining({ code: "precondition_failed" }));
});
