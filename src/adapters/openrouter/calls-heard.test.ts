import { expect, test } from "vitest";
import { type CallPiece, createCallsHeard } from "./calls-heard.ts";

function heardOf(...pieces: readonly CallPiece[]) {
  const heard = createCallsHeard();
  pieces.forEach(heard.add);
  return heard.calls();
}

test("puts calls together whose pieces come mixed", () => {
  expect(
    heardOf(
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
  expect(heardOf(...pieces)).toEqual([{ id: "a", name: "one", arguments: "{}" }]);
});

test("tells calls without an index apart by their ids", () => {
  expect(
    heardOf(
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
  const calls = heardOf(...Array.from({ length: 500 }, (_, index) => ({ index, name: `t${index}`, args: "{}" })));
  expect(calls).toHaveLength(64);
});
