import { describe, expect, it } from "vitest";
import { citedPaths, falseCitations, unlinkedPages } from "./docs-law.ts";

const present = [
  "src/app/engine/run-step.ts",
  "docs/quickstart.md",
  "src/adapters/neon",
  "SECURITY.md",
  "migrations/*.sql",
];
const repository = { exists: (path: string) => present.includes(path), scripts: ["start", "verify", "dev:staging"] };
const page = (text: string, path = "README.md") => ({ path, text });
const findings = (text: string, path?: string) => falseCitations(page(text, path), repository);

describe("the docs law", () => {
  it.each([
    "`src/app/run-turn.ts`",
    "`test/chaos/run.ts:12`",
    "```sh\nnode src/local/gone.ts --now\n```",
    "`./src/gone.ts`",
    "`.ci/gone`",
    "`CONTRIBUTING.md`",
    "[the guide](docs/gone.md#top)",
    "`npm run gone`",
    "run npm test first",
  ])("refuses %j, which leads nowhere", (text) => {
    expect(findings(text)).toHaveLength(1);
  });

  it.each([
    "`src/app/engine/run-step.ts`, line `src/app/engine/run-step.ts:12`",
    "`src/adapters/neon`",
    "`migrations/*.sql`",
    "[start](docs/quickstart.md) and [report](./SECURITY.md)",
    "[site](https://example.com/gone.md)",
    "`src/<room>/<verb>.ts` and `src/…`",
    "`packages/pds/src/context.ts` of another repository, `application/json`, `worker.ts`",
    "`npm run verify`, `npm run dev:staging` and `npm start`",
  ])("lets %j pass", (text) => {
    expect(findings(text)).toEqual([]);
  });

  it("follows a link from the page's own folder", () => {
    expect(findings("[back](../SECURITY.md)", "docs/quickstart.md")).toEqual([]);
    expect(findings("[back](SECURITY.md)", "docs/quickstart.md")).toHaveLength(1);
  });

  it("names the page and the false path once", () => {
    expect(findings("`src/gone.ts` and `src/gone.ts`")).toEqual(["README.md: src/gone.ts does not exist"]);
  });

  it("reads paths only where code is meant", () => {
    expect(citedPaths("the src/app/gone.ts of old")).toEqual([]);
  });
});

describe("the law that every page is linked", () => {
  const readme = page("[turns](docs/turns.md) and [decisions](docs/decisions/README.md)");
  const turns = page("[itself](turns.md)", "docs/turns.md");
  const index = page("[1](0001-engine.md)", "docs/decisions/README.md");
  const decision = page("# 1", "docs/decisions/0001-engine.md");

  it("lets pages pass that the README or the index links to", () => {
    expect(unlinkedPages([readme, turns, index, decision])).toEqual([]);
  });

  it("refuses a page that only links to itself", () => {
    expect(unlinkedPages([turns])).toEqual(["docs/turns.md: no page links to it"]);
  });

  it("refuses a decision that another page links to and the index does not list", () => {
    const other = page("[2](decisions/0002-later.md)", "docs/turns.md");
    const later = page("# 2", "docs/decisions/0002-later.md");
    expect(unlinkedPages([readme, other, index, decision, later])).toEqual([
      "docs/decisions/0002-later.md: docs/decisions/README.md does not list it",
    ]);
  });
});
