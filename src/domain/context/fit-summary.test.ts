import { describe, expect, test } from "vitest";
import { estimateTokens } from "./budget.ts";
import { fitSummary } from "./fit-summary.ts";
import { type FitWindowInput, fitWindow, windowMessages } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import { shortenedMarker } from "./shorten.ts";
import type { MessageAuthor, WindowMessage } from "./window.ts";

const plain = { isPinned: false, groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };
const user: MessageAuthor = { kind: "user" };
const ada: MessageAuthor = { kind: "agent", key: "ada", name: "Ada" };

function message(id: string, author: MessageAuthor, tokens: number): WindowMessage {
  return { ...plain, id, author, text: "x".repeat(tokens * 3), tokens };
}

/** Lines of 31 characters and their end: ten tokens each. */
function summaryOf(lineCount: number): WindowMessage {
  const text = Array.from({ length: lineCount }, (_, index) => `${index}`.padEnd(31, ".")).join("\n");
  return { ...plain, id: "sum", author: { kind: "summary" }, text, tokens: estimateTokens(text) };
}

function input(summary: WindowMessage, change: Partial<FitWindowInput> = {}): FitWindowInput {
  return {
    settings: defaultContextSettings,
    modelLimit: 8192,
    agentKey: "ada",
    promptTokens: 30,
    summary: { message: summary, coversThroughTurnIndex: 8, madeAtTurnIndex: 8 },
    history: [],
    readsFromTurnIndex: 9,
    current: { turnIndex: 9, isResolved: false, messages: [message("now", user, 10)] },
    ...change,
  };
}

const asking = (tokens: number) => ({
  current: { turnIndex: 9, isResolved: false, messages: [message("now", user, tokens)] },
});

describe("a summary", () => {
  test("goes in whole up to two fifths of the input budget", () => {
    const whole = summaryOf(221);
    expect(whole.tokens).toBe(2210);
    const window = fitWindow(input(whole));
    expect(window).toMatchObject({ cuts: [], isPruned: false, estimateAfterSummary: 2250 });
    expect(window.summary).toBe(whole);
  });

  test("beyond them loses lines from its end for this model only, and says how much was kept", () => {
    const whole = summaryOf(300);
    const window = fitWindow(input(whole));
    const kept = whole.text.slice(0, 220 * 32 - 1);
    expect(window.summary?.text).toBe(kept + shortenedMarker);
    expect(window.cuts).toEqual([
      {
        messageId: "sum",
        rule: "shortened_summary",
        keptCharacters: kept.length,
        keptBytes: kept.length,
        originalBytes: whole.text.length,
      },
    ]);
    expect(window.summary?.tokens).toBeLessThanOrEqual(2212);
    expect(window).toMatchObject({ isPruned: false, rejected: null, estimateBefore: 40 });
    expect(fitWindow(input(whole, { modelLimit: 16_384 })).summary).toBe(whole);
  });

  test("is shortened further only when all else is as small as it gets", () => {
    const carried = { turnIndex: 9, isResolved: false, messages: [message("now", user, 3000), message("c", ada, 900)] };
    const history = [
      { turnIndex: 4, isResolved: true, messages: [message("old", ada, 600)] },
      ...[5, 6, 7, 8].map((turnIndex) => ({
        turnIndex,
        isResolved: true,
        messages: [message(`u${turnIndex}`, user, 1)],
      })),
    ];
    const covering = { message: summaryOf(200), coversThroughTurnIndex: 3, madeAtTurnIndex: 8 };
    const roomy = fitWindow(
      input(summaryOf(200), { summary: covering, history, readsFromTurnIndex: 4, current: carried }),
    );
    expect(roomy.cuts.map(({ rule }) => rule)).toEqual(["pruned_oldest_reply", "shortened_carry"]);
    expect(roomy.summary).toBe(covering.message);
    const current = { ...carried, messages: [message("now", user, 3700), message("c", ada, 900)] };
    const tight = fitWindow(input(summaryOf(200), { summary: covering, history, readsFromTurnIndex: 4, current }));
    expect(tight.cuts.map(({ rule }) => rule)).toEqual(["pruned_oldest_reply", "shortened_summary", "shortened_carry"]);
    expect(tight).toMatchObject({ rejected: null, isPruned: true });
    expect(tight.estimateAfterPrune).toBeLessThanOrEqual(5530);
  });

  test("stays as long as its first line fits, then goes, and only then is the call refused", () => {
    const firstLine = fitWindow(input(summaryOf(100), asking(5480)));
    expect(firstLine.summary?.text).toBe(`0${".".repeat(30)}${shortenedMarker}`);
    expect(firstLine.rejected).toBeNull();
    const none = fitWindow(input(summaryOf(100), asking(5490)));
    expect(none).toMatchObject({ summary: null, rejected: null, estimateAfterPrune: 5520, isPruned: true });
    expect(none.cuts).toEqual([{ messageId: "sum", rule: "pruned_summary" }]);
    expect(fitWindow(input(summaryOf(100), asking(5501))).rejected).toMatchObject({ estimated_tokens: 5531 });
  });

  test("of one long line keeps the head, unless hardly a sentence is left", () => {
    const long: WindowMessage = { ...summaryOf(1), text: "s".repeat(9000), tokens: estimateTokens("s".repeat(9000)) };
    expect(fitSummary(long, 1000)?.text).toMatch(/^s{3000,3200}\n\[shortened\]$/);
    expect(fitSummary(long, 1000)?.tokens).toBeLessThanOrEqual(1000);
    expect(fitSummary(long, 40)).toBeNull();
  });

  test("replaces what it covers also where none of it was read, and the rest was beyond the window", () => {
    const covering = { message: summaryOf(2), coversThroughTurnIndex: 5, madeAtTurnIndex: 8 };
    expect(fitWindow(input(summaryOf(2), { summary: covering })).ranges).toEqual([
      { rule: "replaced_by_summary", fromTurnIndex: 1, throughTurnIndex: 5 },
      { rule: "beyond_window", fromTurnIndex: 6, throughTurnIndex: 8 },
    ]);
    expect(fitWindow(input(summaryOf(2), { summary: null })).ranges).toEqual([
      { rule: "beyond_window", fromTurnIndex: 1, throughTurnIndex: 8 },
    ]);
    expect(fitWindow(input(summaryOf(2), { readsFromTurnIndex: 1 })).ranges).toEqual([]);
  });

  test("comes before pinned messages of turns that it covers and that were not read otherwise", () => {
    const pinned = { ...message("pin", user, 10), isPinned: true };
    const history = [{ turnIndex: 2, isResolved: true, messages: [pinned] }];
    const window = fitWindow(input(summaryOf(2), { history }));
    expect(windowMessages(window).map(({ id }) => id)).toEqual(["sum", "pin", "now"]);
  });
});
