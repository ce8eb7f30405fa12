import { describe, expect, it } from "vitest";
import { parseMigration, toBlock, toDrop } from "./block.ts";
import { heldFast, readDeclared } from "./declared.ts";
import { withFunctions } from "./generate.ts";
import { inOrder, planChanges } from "./plan.ts";
import { parseSource, type SqlSource } from "./source.ts";
import { byName } from "./source-laws.ts";

const rights = (name: string) =>
  `\nREVOKE EXECUTE ON FUNCTION ${name}(int) FROM PUBLIC;\nALTER FUNCTION ${name}(int) OWNER TO jobs;\n`;
const sources = {
  base: source(
    "base",
    "(p_a int, p_b text DEFAULT ',(') RETURNS TABLE (a int, b text) LANGUAGE sql AS $$ SELECT 1, ')' $$;",
  ),
  caller: source("caller", "(p int) RETURNS int LANGUAGE sql AS $$ SELECT a FROM base(p) $$;"),
  late: source("a_late", "() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM caller(1); END $$;"),
  owned: source("owned", `(p int) RETURNS int LANGUAGE sql AS $$ SELECT p $$;\n${rights("owned")}`),
  shown: parseSource(
    "x/shown.sql",
    "-- Shown.\nCREATE OR REPLACE VIEW shown AS SELECT caller(1) AS one;\nGRANT SELECT ON shown TO jobs;\n",
  ),
  rows: source("rows", "() RETURNS SETOF shown LANGUAGE plpgsql AS $$ BEGIN END $$;"),
};
const all = Object.values(sources);

function source(name: string, rest: string): SqlSource {
  return parseSource(`x/${name}.sql`, `-- ${name}.\nCREATE OR REPLACE FUNCTION ${name}${rest}`);
}

function plan(before: readonly SqlSource[], after: readonly SqlSource[]) {
  const { drops, declarations } = planChanges(byName(before), byName(after));
  return { drops: drops.map(({ name }) => name), declarations: declarations.map(({ name }) => name) };
}

/** The same sources, one of them with a text replaced. */
function edited(name: keyof typeof sources, from: string, to: string): readonly SqlSource[] {
  const { path, statements } = sources[name];
  const text = statements.join("\n").replace(from, to);
  return all.map((each) => (each.path === path ? parseSource(path, text) : each));
}

describe("a source", () => {
  it("is read with its parameters, what it returns, its language and its owner", () => {
    expect(sources.base).toMatchObject({
      kind: "FUNCTION",
      name: "base",
      parameters: "p_a int, p_b text",
      returns: "TABLE (a int, b text)",
      language: "sql",
      owner: null,
    });
    expect(sources.owned.owner).toBe("jobs");
    expect(sources.owned.statements).toHaveLength(3);
  });

  it("comes out of a migration as it went in, whoever owns it", () => {
    const text = withFunctions("CREATE TABLE a ();", { drops: [], declarations: all });
    expect(parseMigration(text)).toEqual(["CREATE TABLE a ();", ...all]);
    expect(toBlock(sources.owned)).toMatch(/^-- function: x\/owned.sql\nGRANT CREATE ON SCHEMA public TO jobs;\n/);
  });
});

describe("the order of declarations", () => {
  it("has each after what must be there when it is made", () => {
    const names = inOrder(all).map(({ name }) => name);
    expect(names.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
    for (const [first, second] of [
      ["base", "caller"],
      ["caller", "shown"],
      ["shown", "rows"],
    ])
      expect(names.indexOf(first ?? "")).toBeLessThan(names.indexOf(second ?? ""));
  });

  it("bears functions that call each other, whose bodies are looked at when they run", () => {
    const ping = source("ping", "() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM pong(); END $$;");
    const pong = source("pong", "() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM ping(); END $$;");
    expect(inOrder([ping, pong])).toHaveLength(2);
  });
});

describe("the changes of a migration", () => {
  it("are none where nothing changed", () => {
    expect(plan(all, all)).toEqual({ drops: [], declarations: [] });
  });

  it("replace a body, and declare nothing else again", () => {
    expect(plan(all, edited("base", "SELECT 1", "SELECT 2"))).toEqual({ drops: [], declarations: ["base"] });
  });

  it.each([
    ["a parameter's name", edited("caller", "(p int)", "(q int)")],
    ["a return type", edited("caller", "RETURNS int", "RETURNS bigint")],
  ])("drop for %s, with the view that is made from it and the signature that names the view", (_, after) => {
    expect(plan(all, after)).toEqual({ drops: ["rows", "shown", "caller"], declarations: ["caller", "shown", "rows"] });
  });

  it.each([
    ["a right", "FROM PUBLIC", "FROM jobs"],
    ["an owner", "OWNER TO jobs", "OWNER TO others"],
  ])("drop for %s, which a replacement would keep", (_, from, to) => {
    expect(plan(all, edited("owned", from, to))).toEqual({ drops: ["owned"], declarations: ["owned"] });
  });

  it("drop what has no file any more, as its owner", () => {
    expect(
      plan(
        all,
        all.filter(({ name }) => name !== "owned"),
      ),
    ).toEqual({ drops: ["owned"], declarations: [] });
    expect(toDrop(sources.owned)).toContain("DROP FUNCTION owned(p int);");
    expect(toDrop(sources.owned)).toMatch(/^SET LOCAL ROLE jobs;[\s\S]+RESET ROLE;$/);
    expect(toDrop(sources.shown)).toBe("DROP VIEW shown;");
  });

  it("stand before and after what drizzle-kit wrote", () => {
    const text = withFunctions("ALTER TABLE a ADD b int;\n", { drops: [sources.shown], declarations: [sources.shown] });
    expect(text.split("--> statement-breakpoint").map((part) => part.trim().split("\n")[0])).toEqual([
      "DROP VIEW shown;",
      "ALTER TABLE a ADD b int;",
      "-- function: x/shown.sql",
      "GRANT SELECT ON shown TO jobs;",
    ]);
  });

  it("are refused for a function that a policy calls", () => {
    const policy = "CREATE POLICY p ON a USING (caller(1) = 1);";
    const text = `${withFunctions("", { drops: [], declarations: all })}--> statement-breakpoint\n-- end of functions\n${policy}`;
    const declared = readDeclared([{ tag: "0000", text }]);
    expect(declared.others).toEqual([expect.stringContaining(policy)]);
    expect(heldFast([sources.caller], declared)).toEqual([expect.stringMatching(/^caller is called by a policy/)]);
    expect(heldFast([sources.owned], declared)).toEqual([]);
  });
});
