import { describe, expect, it } from "vitest";
import { checkFrozenMigrations } from "./checks.ts";
import { disorder, hashOf, seal, thawed } from "./frozen.ts";

const [first, second] = [
  { tag: "0000_one", text: "create table one ();" },
  { tag: "0001_two", text: "create table two ();" },
];
const hashes = { "0000_one": hashOf(first.text), "0001_two": hashOf(second.text) };

describe("a migration that has landed", () => {
  it("is as it was sealed, in this repository too", async () => {
    expect(thawed([first, second], hashes)).toEqual([]);
    expect((await checkFrozenMigrations()).findings).toEqual([]);
  });

  it("is caught with one character changed, without a seal, and when it is gone", () => {
    expect(thawed([{ ...first, text: `${first.text} ` }, second], hashes)).toEqual([
      expect.stringContaining("0000_one.sql was edited"),
    ]);
    expect(thawed([first, second], { "0000_one": hashOf(first.text) })).toEqual([
      expect.stringContaining("not sealed"),
    ]);
    expect(thawed([first], hashes)).toEqual([expect.stringContaining("0001_two.sql was sealed and is gone")]);
  });

  it("keeps its seal when a younger one is sealed", () => {
    const edited = [
      { ...first, text: "drop table one;" },
      { ...second, text: "create table deux ();" },
    ];
    expect(seal(edited, hashes)).toEqual({ ...hashes, "0001_two": hashOf("create table deux ();") });
  });

  it("is sealed where it has no seal yet", () => {
    expect(seal([first, second], {})).toEqual(hashes);
  });

  it("is older than those after it", () => {
    expect(
      disorder([
        { tag: "a", when: 1 },
        { tag: "b", when: 2 },
      ]),
    ).toEqual([]);
    expect(
      disorder([
        { tag: "a", when: 2 },
        { tag: "b", when: 2 },
      ]),
    ).toEqual([expect.stringContaining("b is not younger than a")]);
  });
});
