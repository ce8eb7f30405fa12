import { describe, expect, it } from "vitest";
import { readFiles } from "../tree.ts";
import { checkFunctions } from "./checks.ts";
import { readTexts } from "./migration-folder.ts";
import { falseSources, SOURCES } from "./source-laws.ts";

const files = readFiles([SOURCES]);
const migrations = readTexts("migrations");

/** A house of two functions, as the law wants it. */
const one = "-- One is one.\nCREATE OR REPLACE FUNCTION pantheon_one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n";
const two =
  "-- Two is one and one.\nCREATE OR REPLACE FUNCTION pantheon_two() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;\n";
const small = {
  files: [file("base/one.sql", one), file("base/two.sql", two)],
  migrations: [
    {
      tag: "0000_all",
      text: `CREATE TABLE a ();\n--> statement-breakpoint\n${marked("one", one)}\n${marked("two", two)}`,
    },
  ],
};

function file(path: string, text: string) {
  return { path: `src/adapters/neon/functions/${path}`, text };
}

function marked(name: string, text: string): string {
  return `--> statement-breakpoint\n-- function: base/${name}.sql\n${text}`;
}

describe("the functions' files", () => {
  it("say what the migrations declare, all of them", async () => {
    expect(files.length).toBeGreaterThan(70);
    expect((await checkFunctions()).findings).toEqual([]);
  });

  it("are caught when one character of any of them is another", () => {
    for (const [index, { path, text }] of files.entries()) {
      const place = (text.lastIndexOf("$$") + text.indexOf("$$", 1)) >> 1;
      const at = text.includes("$$") ? place : text.lastIndexOf(";") - 1;
      const changed = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
      const findings = falseSources(files.with(index, { path, text: changed }), migrations);
      expect(findings.filter((finding) => finding.startsWith(`${path}: the migrations declare`))).toHaveLength(1);
    }
  });
});

describe("the law of functions' files", () => {
  const law = (changed: Partial<typeof small>) =>
    falseSources(changed.files ?? small.files, changed.migrations ?? small.migrations);

  it("holds where file and migration say the same", () => {
    expect(law({})).toEqual([]);
  });

  it("goes by the last declaration, and by a drop after it", () => {
    const later = { tag: "0001_later", text: marked("one", one.replace("SELECT 1", "SELECT 1 + 0")) };
    expect(law({ migrations: [...small.migrations, later] })).toEqual([
      expect.stringContaining("declare pantheon_one diff"),
    ]);
    const gone = { tag: "0001_gone", text: "DROP FUNCTION pantheon_one();" };
    expect(law({ migrations: [...small.migrations, gone] })).toEqual([
      expect.stringContaining("no migration declares"),
    ]);
  });

  it.each<readonly [string, Partial<typeof small>, string]>([
    ["a function without a file", { files: small.files.slice(0, 1) }, "base/two.sql is not there"],
    ["a file that no migration has", { migrations: [] }, "no migration declares pantheon_one"],
    [
      "a declaration by hand",
      { migrations: [...small.migrations, { tag: "0001_hand", text: one.replace("-- One is one.\n", "") }] },
      "0001_hand.sql declares pantheon_one by hand",
    ],
    ["a second file", { files: [...small.files, file("more/one.sql", one)] }, "pantheon_one has two files"],
    ["a name of its own", { files: [file("base/uno.sql", one), ...small.files.slice(1)] }, "so its name is one.sql"],
    [
      "no comment",
      { files: [file("base/one.sql", one.replace("-- One is one.\n", "")), ...small.files.slice(1)] },
      "no comment",
    ],
    [
      "a lost line's end",
      { files: [file("base/one.sql", one.trim()), ...small.files.slice(1)] },
      "keep one empty line below",
    ],
    [
      "a wide line",
      { files: [file("base/one.sql", `-- ${"x".repeat(118)}\n${one}`), ...small.files.slice(1)] },
      ":1: more than 120",
    ],
    [
      "a call of nothing",
      { files: [file("base/one.sql", one.replace("SELECT 1", "SELECT pantheon_three()")), ...small.files.slice(1)] },
      "calls pantheon_three, which has no file",
    ],
    [
      "a plain CREATE",
      { files: [file("base/one.sql", one.replace("OR REPLACE ", "")), ...small.files.slice(1)] },
      "is no CREATE OR REPLACE",
    ],
  ])("refuses %s", (_, changed, finding) => {
    expect(law(changed)).toContainEqual(expect.stringContaining(finding));
  });
});
