import { expect, test } from "vitest";
import { createMemory } from "./search-memory.ts";

const said = (text: string, from = "Ada") => ({ kind: "message", from, text });
const textsFor = (texts: readonly string[], query: string, limit = 5) =>
  createMemory(texts.map((text) => said(text)))
    .search(query, limit)
    .map(({ text }) => text);

test("tells words apart once, and not before they are asked for", () => {
  let read = 0;
  const counted = Array.from({ length: 3 }, () => ({
    ...said(""),
    get text() {
      read += 1;
      return "needle";
    },
  }));
  const memory = createMemory(counted);
  expect(read).toBe(0);
  for (let times = 0; times < 8; times += 1) memory.search("haystack", 5);
  expect(read).toBe(3);
  expect(memory.search("needle", 5)).toHaveLength(3);
});

test("finds what shares a word, whatever its case and form of writing, and nothing else", () => {
  const texts = ["The budget is ten.", "We meet on Monday.", "BUDGETS differ.", "A ｂｕｄｇｅｔ!"];
  expect(textsFor(texts, "budget")).toEqual(["A ｂｕｄｇｅｔ!", "The budget is ten."]);
  expect(textsFor(texts, "weather")).toEqual([]);
  expect(textsFor(texts, "?!")).toEqual([]);
});

test("what shares more words, and rarer ones, comes first; of equals the newer", () => {
  const texts = ["the plan", "the launch date", "the plan for the launch", "the end"];
  expect(textsFor(texts, "the launch plan")[0]).toBe("the plan for the launch");
  expect(textsFor(texts, "the date")[0]).toBe("the launch date");
  expect(
    textsFor(
      ["same words", "same words"].map((text, n) => `${text} ${n}`),
      "same words",
    )[0],
  ).toBe("same words 1");
});

test("finds no more than it may, and nothing twice for a word said twice", () => {
  const texts = Array.from({ length: 30 }, (_, n) => `word ${n}`);
  expect(textsFor(texts, "word word", 3)).toEqual(["word 29", "word 28", "word 27"]);
});

test("matches a script without spaces by its characters", () => {
  expect(textsFor(["予算は十です", "会議は月曜日"], "予算")).toEqual(["予算は十です"]);
});

test("shows of a long text the part around the first word that was asked for", () => {
  const [found = ""] = textsFor([`${"x ".repeat(2_000)}needle${" y".repeat(2_000)}`], "needle");
  expect(found).toContain("needle");
  expect(found.length).toBeLessThanOrEqual(602);
  expect(found.startsWith("…")).toBe(true);
  expect(found.endsWith("…")).toBe(true);
  const [end = ""] = textsFor([`${"x ".repeat(2_000)}needle`], "needle");
  expect(end.endsWith("needle")).toBe(true);
});

test("never cuts through a character", () => {
  const [found = ""] = textsFor([`${"😀".repeat(1_000)} needle ${"😀".repeat(1_000)}`], "needle");
  expect(() => encodeURIComponent(found)).not.toThrow();
});
