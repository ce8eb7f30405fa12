import { expect, test } from "vitest";
import { type CallPiece, recordCalls } from "./recorded-calls.ts";

function recordedOf(...pieces: readonly CallPiece[]) {
  const recorded = recordCalls();
  pieces.forEach(recorded.add);
  return recorded.calls();
}

test("puts calls together whose pieces come mixed", () => {
  expect(
    recordedOf(
      { index: 0, id: "a", name: "one", args: "" },
      { index: 1, id: "b", name: "two", args: '{"x"' },
      { index: 0, args: '{"y":' },
      { index: 1, args: ":1}" },
      { index: 0, args: "2}" },
    ),
  ).toEqual([
    { id: "a", name: "one", arguments: '{"y":2}' },
    { id: "b", name: "two", arguments: '{"x":1}' },
  ]);
});

test("takes a name that is repeated with every piece once", () => {
  const pieces = ["{", "}"].map((args) => ({ index: 0, id: "a", name: "one", args }));
  expect(recordedOf(...pieces)).toEqual([{ id: "a", name: "one", arguments: "{}" }]);
});

test("tells calls without an index apart by their ids", () => {
  expect(
    recordedOf(
      { id: "a", name: "one", args: "{" },
      { args: "}" },
      { id: "b", name: "two", args: "[" },
      { id: "a", args: " " },
    ),
  ).toEqual([
    { id: "a", name: "one", arguments: "{} " },
    { id: "b", name: "two", arguments: "[" },
  ]);
});

test("hears of no more calls than anybody would make", () => {
  const calls = recordedOf(...Array.from({ length: 500 }, (_, index) => ({ index, name: `t${index}`, args: "{}" })));
  expect(calls).toHaveLength(64);
});
