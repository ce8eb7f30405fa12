import { describe, expect, test } from "vitest";
import { prefersCsv, sheetPage } from "./sheet-page.ts";

describe("a client gets CSV", () => {
  test.each([
    ["text/csv", true],
    ["TEXT/CSV", true],
    ["text/csv; header=present", true],
    ["text/csv, application/json;q=0.9", true],
    ["application/json;q=0.2, text/csv;q=0.3", true],
    ["text/csv, */*;q=0.1", true],
    ["application/json, text/csv", false],
    ["text/csv;q=0", false],
    ["text/csv;q=0.5, application/json", false],
    ["text/html,application/xhtml+xml,*/*;q=0.8", false],
    ["text/*", false],
    ["*/*", false],
    ["application/json", false],
    ["text/csvx", false],
    [",;q=,", false],
    ["", false],
    [undefined, false],
  ])("for Accept %s: %s", (accept, isCsv) => {
    expect(prefersCsv(accept)).toBe(isCsv);
  });
});

describe("the link to the next page", () => {
  const page = { data: [], has_more: true, next_cursor: 'a>"b&c=1 é' };
  const reply = sheetPage(page, {
    name: "n",
    columns: ["a"],
    path: "/usage",
    query: { limit: 2, from: "2026-11-21T00:00:00+02:00", to: undefined },
    header: () => "text/csv",
  });

  test("keeps the question, and lets no cursor break out of it", () => {
    const target = /^<([^>]+)>; rel="next"$/.exec(reply.headers.Link ?? "")?.[1];
    const url = new URL(target ?? "", "http://api.test");
    expect(url.pathname).toBe("/api/v1/usage");
    expect([...url.searchParams]).toEqual([
      ["limit", "2"],
      ["from", "2026-11-21T00:00:00+02:00"],
      ["cursor", page.next_cursor],
    ]);
  });
});
