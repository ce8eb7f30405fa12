import { describe, expect, it } from "vitest";
import { describeViolation, homelessFiles, toCruise, unseenFiles } from "./cruise.ts";
import { misjudgedSeeds } from "./room-checks.ts";
import { createRules } from "./room-rules.ts";
import { rooms } from "./rooms.ts";
import { seeds } from "./wrong-imports.ts";

const files = ["src/domain/charge.ts", "src/app/engine/run-step.ts"];

describe("the room law", () => {
  it("fails when dependency-cruiser looked at zero modules", () => {
    expect(unseenFiles(files, { modules: [] })).toHaveLength(files.length);
  });

  it("fails when there are no source files to look at", () => {
    expect(unseenFiles([], { modules: [] })).toEqual([expect.stringContaining("looked at nothing")]);
  });

  it("fails for the one room that was not looked at", () => {
    expect(unseenFiles(files, { modules: ["src/app/engine/run-step.ts"] })).toEqual([
      expect.stringContaining("src/domain/charge.ts"),
    ]);
  });

  it("holds when every file was looked at", () => {
    expect(unseenFiles(files, { modules: files })).toEqual([]);
  });

  it.each(["src/helpers/text.ts", "src/adapters/stripe/pay.ts", "src/adapters/shared.ts", "src/contracts.ts"])(
    "refuses %s, which lives in no room",
    (path) => {
      expect(homelessFiles([path], rooms)).toEqual([expect.stringContaining(path)]);
    },
  );

  it.each(["src/compose.ts", "src/domain/plan/plan.ts", "functions/worker.ts", "src/console/main.tsx"])(
    "finds the room of %s",
    (path) => {
      expect(homelessFiles([path], rooms)).toEqual([]);
    },
  );

  it("counts only the repository's own modules and names what broke", () => {
    const output = {
      modules: [{ source: "src/app/a.ts" }, { source: "node_modules/zod/index.js" }, { source: "node:fs" }],
      summary: { violations: [{ rule: { name: "map:src/app" }, from: "src/app/a.ts", to: "src/http/b.ts" }] },
    };
    const { modules, violations } = toCruise(output);
    expect(modules).toEqual(["src/app/a.ts"]);
    expect(violations.map(describeViolation)).toEqual(["map:src/app: src/app/a.ts → src/http/b.ts"]);
  });
});

describe("the seeded imports", () => {
  const wrong = { path: "src/app/wrong.ts", text: 'import "hono";', rule: "packages:src/app" };
  const right = { path: "src/app/right.ts", text: 'import "../graph/x.ts";' };
  const modules = [wrong.path, right.path];

  it("report a wrong import that no rule caught", () => {
    expect(misjudgedSeeds([wrong], { modules, violations: [] })).toEqual([expect.stringContaining("nothing")]);
  });

  it("report a wrong import that only another rule caught", () => {
    const violations = [{ rule: "no-orphans", from: wrong.path, to: wrong.path }];
    expect(misjudgedSeeds([wrong], { modules, violations })).toEqual([expect.stringContaining("no-orphans")]);
  });

  it("report a right import that a rule refused", () => {
    const violations = [{ rule: "map:src/app", from: right.path, to: "src/graph/x.ts" }];
    expect(misjudgedSeeds([right], { modules, violations })).toEqual([expect.stringContaining("must be allowed")]);
  });

  it("report a seed that was not looked at, right or wrong", () => {
    expect(misjudgedSeeds([wrong, right], { modules: [], violations: [] })).toHaveLength(2);
  });

  it("are at least seventeen wrong ones, each for a rule that exists", () => {
    const names = createRules().map((rule) => rule.name);
    const expected = seeds.flatMap((seed) => seed.rule ?? []);
    expect(expected.length).toBeGreaterThanOrEqual(17);
    expect(names).toEqual(expect.arrayContaining(expected));
  });

  it("cover every rule that is not one room's share of the table", () => {
    const houseRules = createRules().filter((rule) => !rule.name.includes(":"));
    expect(seeds.flatMap((seed) => seed.rule ?? [])).toEqual(
      expect.arrayContaining(houseRules.map((rule) => rule.name)),
    );
  });
});
