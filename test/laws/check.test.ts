import { describe, expect, it } from "vitest";
import { type Check, failureReport, runChecks, summaryLine } from "./check.ts";
import { complaints } from "./command.ts";
import { changedFiles, pageDrift, unsaidNothing } from "./drift-checks.ts";
import { misjudgedLint } from "./lint-checks.ts";

const holds: Check = { name: "holds", run: async () => ({ findings: [], note: "3 files" }) };
const breaks: Check = { name: "breaks", run: async () => ({ findings: ["src/a.ts: wrong"], note: "" }) };
const throws: Check = { name: "throws", run: () => Promise.reject(new Error("no such tool")) };

describe("running the checks", () => {
  it("reports each check once, whatever the number of lanes", async () => {
    const seen: string[] = [];
    await runChecks([holds, breaks, holds], 2, (result) => seen.push(result.name));
    expect(seen.toSorted()).toEqual(["breaks", "holds", "holds"]);
  });

  it("counts a check that throws as broken", async () => {
    const [result] = await runChecks([throws], 1, () => {});
    expect(result?.findings).toEqual([expect.stringContaining("no such tool")]);
  });

  it("marks what held and prints only what broke", async () => {
    const results = await runChecks([holds, breaks], 1, () => {});
    expect(results.map(summaryLine)).toEqual([expect.stringMatching(/^ok .*3 files$/), expect.stringMatching(/^FAIL/)]);
    expect(failureReport(results)).toBe("\n── breaks ──\nsrc/a.ts: wrong");
  });
});

describe("a tool's answer", () => {
  it("is a complaint when it ends with another code than zero, even in silence", () => {
    expect(complaints({ code: 1, stdout: "two errors", stderr: "" })).toEqual(["two errors"]);
    expect(complaints({ code: null, stdout: "", stderr: "" })).toEqual([expect.stringContaining("said nothing")]);
    expect(complaints({ code: 0, stdout: "fine", stderr: "" })).toEqual([]);
  });
});

describe("the drift laws", () => {
  const before = new Map([["migrations/0000_start.sql", "create table a ();"]]);

  it("report a migration that drizzle-kit would add or change", () => {
    const after = new Map([...before, ["migrations/0001_new.sql", "alter table a add b text;"]]);
    expect(changedFiles(before, after)).toEqual([expect.stringContaining("alter table a add b text;")]);
    expect(changedFiles(before, new Map([["migrations/0000_start.sql", "other"]]))).toHaveLength(1);
    expect(changedFiles(before, before)).toEqual([]);
  });

  it("report a drizzle-kit that asked a question or broke instead of finding nothing", () => {
    const answer = (code: number, stdout: string) => unsaidNothing({ code, stdout, stderr: "" });
    expect(answer(0, "Is goal renamed?")).toHaveLength(1);
    expect(answer(1, "No schema changes, nothing to migrate")).toHaveLength(1);
    expect(answer(0, "No schema changes, nothing to migrate")).toEqual([]);
  });

  it("report the first line of the API page that differs", () => {
    expect(pageDrift("docs/openapi.json", '{\n  "a": 1\n}\n', '{\n  "a": 2\n}\n')).toEqual([
      expect.stringContaining("openapi.json:2"),
    ]);
    expect(pageDrift("docs/openapi.json", "", "{}\n")).toHaveLength(1);
    expect(pageDrift("docs/openapi.json", "{}\n", "{}\n")).toEqual([]);
  });
});

describe("the seeded lint", () => {
  const impure = { path: "src/domain/a.ts", text: "Date.now();", rule: "plugin" };
  const pure = { path: "src/domain/b.ts", text: "1;" };
  const caught = (path: string, severity = "error") => ({ category: "plugin", severity, location: { path } });

  it("reports a defect that was not caught, or only warned about", () => {
    expect(misjudgedLint([impure], [])).toHaveLength(1);
    expect(misjudgedLint([impure], [caught(impure.path, "warning")])).toHaveLength(1);
    expect(misjudgedLint([impure], [caught(impure.path)])).toEqual([]);
  });

  it("reports clean code that was refused", () => {
    expect(misjudgedLint([pure], [caught(pure.path)])).toEqual([expect.stringContaining("must be allowed")]);
  });
});
