import fc from "fast-check";
import { expect, test } from "vitest";
import { nameRemoteTools } from "./remote-names.ts";

test("a tool is offered under its server's name and its own", () => {
  expect([...nameRemoteTools("docs", ["search", "read-page"], [])]).toEqual([
    ["search", "docs_search"],
    ["read-page", "docs_read-page"],
  ]);
});

test("names that would fall together stay apart, also from names that are taken", () => {
  expect([...nameRemoteTools("d", ["a.b", "a/b", "é"], ["d_a_b"]).values()]).toEqual(["d_a_b_2", "d_a_b_3", "d__"]);
});

test("whatever a server calls its tools, each gets one name that every provider takes", () => {
  const text = fc.string({ unit: "binary", maxLength: 90 });
  fc.assert(
    fc.property(text, fc.uniqueArray(text, { maxLength: 40 }), (server, names) => {
      const offered = [...nameRemoteTools(server, names, ["calculator"]).values()];
      expect(new Set(offered).size).toBe(names.length);
      expect(offered.filter((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name))).toEqual([]);
    }),
  );
});

test("no two servers offer one name, whatever they and their tools are called", () => {
  const names = (server: string, tool: string) => nameRemoteTools(server, [tool], []).get(tool);
  expect(names("a", "b_c")).toBe("a_b_c");
  expect(names("a_b", "c")).toBe("a-ub_c");
  expect(names("a-ub", "c")).toBe("a--ub_c");
  const long = "the-same-beginning-of-a-long-name";
  expect(names(`${long}-1`, "c")).not.toBe(names(`${long}-2`, "c"));
  const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
  fc.assert(
    fc.property(key, key, key, key, (one, other, tool, another) => {
      fc.pre(one !== other);
      expect(names(one, tool)).not.toBe(names(other, another));
    }),
  );
});
