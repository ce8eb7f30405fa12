import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTags } from "./tags.ts";

const roster = [{ key: "ada" }, { key: "Bob" }, { key: "c-3_x" }];

describe("tags", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["@ada what?", ["ada"], []],
    ["@bob then @ada", ["Bob", "ada"], []],
    ["@BOB @bob @Bob", ["Bob"], []],
    ["ask @c-3_x, (@ada) and **@bob**.", ["c-3_x", "ada", "Bob"], []],
    ["@ada@bob", ["ada"], []],
    ["@@ada", ["ada"], []],
    ["-@ada\n+@bob", ["ada", "Bob"], []],
    ["mail a@ada.org, a.b+c@bob.de, x-@ada.io, é@ada", [], []],
    ["@ada's view", ["ada"], []],
    ["見て@ada", [], []],
    ["@nobody and @Nobody and @ada", ["ada"], ["nobody"]],
    ["@ada-2 @zed", [], ["ada-2", "zed"]],
    ["@ ada, @, no tag", [], []],
    ["", [], []],
  ])("%j", (message, tagged, unknown) => {
    expect(parseTags(message, roster)).toEqual({ tagged, unknown });
  });

  test("a room without agents knows no tag", () => {
    expect(parseTags("@ada", [])).toEqual({ tagged: [], unknown: ["ada"] });
  });

  test("any tags come out once each, in the order of their first mention, spelled as in the roster", () => {
    const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
    const mixedCase = (text: string) =>
      [...text].map((c, index) => (index % 2 === 0 ? c.toUpperCase() : c.toLowerCase())).join("");
    const rosters = fc.uniqueArray(key, { minLength: 1, maxLength: 6, selector: (text) => text.toLowerCase() });
    const drawn = rosters.chain((keys) =>
      fc.tuple(fc.constant(keys), fc.array(fc.constantFrom(...keys), { maxLength: 8 })),
    );
    fc.assert(
      fc.property(drawn, ([keys, mentions]) => {
        const message = mentions.map((mention) => `hey @${mixedCase(mention)}!`).join(" ");
        const parsed = parseTags(
          message,
          keys.map((each) => ({ key: each })),
        );
        expect(parsed).toEqual({ tagged: [...new Set(mentions)], unknown: [] });
      }),
    );
  });

  test.each(["@", "@-", "a-", "-", "+%-@", "@a", "a@a"])("a million characters of %j are parsed", (part) => {
    const parsed = parseTags(`${part.repeat(Math.ceil(1_000_000 / part.length))} @ada`, roster);
    expect(parsed.tagged).toEqual(["ada"]);
  });
});
