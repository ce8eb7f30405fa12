import { describe, expect, test } from "vitest";
import { fitWindow, windowMessages } from "../../src/domain/context/fit-window.ts";
import { shorten, shortenedMarker } from "../../src/domain/context/shorten.ts";
import type { MessageAuthor } from "../../src/domain/context/window.ts";
import { dueThroughTurnIndex } from "../../src/domain/memory/when-to-summarize.ts";
import { ada, cuts, ids, input, message, simpleTurn, sixTurns, summaryAuthor, turn, user } from "./window-kit.ts";

describe("what fits", () => {
  test("goes in whole, in order, with its estimate", () => {
    const window = fitWindow(input({ history: [simpleTurn(1, 10, 20)] }));
    expect(windowMessages(window).map(({ id }) => id)).toEqual(["u1", "a1", "now"]);
    expect(window).toMatchObject({ estimateBefore: 70, estimateAfterSummary: 70, estimateAfterPrune: 70, cuts: [] });
    expect(window).toMatchObject({ isPruned: false, rejected: null });
  });

  test("an unknown model limit falls back on the default", () => {
    expect(fitWindow(input({ modelLimit: null })).budget.inputBudget).toBe(5530);
  });
});

describe("a summary", () => {
  test.each([
    [3870, 7, null],
    [3871, 7, 3],
    [100, 7, null],
    [100, 8, 4],
  ])("at %d tokens, in turn %d, is due through turn %s", (tokens, turnIndex, through) => {
    const current = turn(turnIndex, [message("now", user, tokens - 30 - 60)], false);
    const history = [...sixTurns(5, 5), ...(turnIndex === 8 ? [simpleTurn(7, 0, 0)] : [])];
    const given = input({ history, current });
    const trigger = { ...given, minModelLimit: 8192 };
    expect(dueThroughTurnIndex(trigger, fitWindow(given).estimateAfterSummary)).toBe(through);
  });

  test("replaces the old turns it covers, never a recent, pinned or unresolved one", () => {
    const pinned = turn(2, [message("u2", user, 10), message("pin", ada, 10, true)]);
    const unresolved = turn(3, [message("u3", user, 10)], false);
    const recent = [4, 5, 6, 7].map((index) => simpleTurn(index, 10, 10));
    const summary = { message: message("sum", summaryAuthor, 5), coversThroughTurnIndex: 6, madeAtTurnIndex: 7 };
    const given = input({ summary, history: [simpleTurn(1, 10, 10), pinned, unresolved, ...recent] });
    expect(cuts(given)).toEqual(["replaced_by_summary u1", "replaced_by_summary a1", "replaced_by_summary u2"]);
    expect(ids(given)).toEqual(["sum", "pin", "u3", "u4", "a4", "u5", "a5", "u6", "a6", "u7", "a7", "now"]);
    expect(fitWindow(given)).toMatchObject({ estimateBefore: 170, estimateAfterSummary: 145, isPruned: false });
  });
});

describe("pruning", () => {
  test("starts at 90 percent of the budget, and not a token before", () => {
    const at = (replyTokens: number) => input({ history: [simpleTurn(0, 0, replyTokens), ...sixTurns(0, 0)] });
    expect(cuts(at(4936))).toEqual([]);
    expect(cuts(at(4937))).toEqual(["pruned_oldest_reply a0"]);
  });

  test("takes the oldest replies first and stops as soon as the estimate is below the threshold", () => {
    const given = input({ history: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => simpleTurn(index, 10, 620)) });
    expect(cuts(given)).toEqual(["pruned_oldest_reply a0"]);
  });

  test("keeps every message of four recent turns, however many agents spoke in them", () => {
    const crowd = (index: number) =>
      turn(index, [
        message(`u${index}`, user, 10),
        ...[1, 2, 3, 4, 5].map((agent) => message(`a${index}.${agent}`, ada, 250)),
      ]);
    const window = fitWindow(input({ history: [crowd(1), crowd(2), crowd(3), crowd(4), crowd(5)] }));
    expect(window.history.slice(-4)).toEqual([crowd(2), crowd(3), crowd(4), crowd(5)]);
    expect(window.cuts.map((cut) => cut.messageId)).toEqual(["a1.1", "a1.2", "a1.3", "a1.4", "a1.5"]);
    expect(window).toMatchObject({ rejected: null, isPruned: true, estimateAfterPrune: 5090 });
  });

  test("drops old user messages only when every old reply is gone and it still does not fit", () => {
    const given = input({ history: sixTurns(1000, 5) });
    expect(cuts(given)).toEqual(["pruned_oldest_reply a1", "pruned_oldest_reply a2", "pruned_oldest_turn u1"]);
    expect(fitWindow(given)).toMatchObject({ rejected: null, estimateAfterPrune: 5060 });
  });

  test("keeps an old user message that just fits", () => {
    const just = (userTokens: number) =>
      input({ history: [turn(0, [message("u0", user, userTokens)]), ...sixTurns(0, 0)] });
    expect(cuts(just(5490))).not.toContain("pruned_oldest_turn u0");
    expect(cuts(just(5491))).toContain("pruned_oldest_turn u0");
  });

  test("never cuts a pinned reply, an unresolved turn or a failure record of a recent turn", () => {
    const failed: MessageAuthor = { kind: "failed_agent", key: "bob", name: "Bob", errorType: "timeout" };
    const history = [
      turn(1, [message("u1", user, 900, true), message("a1", ada, 900, true)]),
      turn(2, [message("u2", user, 900), message("a2", ada, 900)], false),
      ...[3, 4, 5, 6].map((index) => turn(index, [message(`f${index}`, failed, 400)])),
    ];
    expect(cuts(input({ history }))).toEqual([]);
  });

  test("does not take a turn for recent of which only some messages were read", () => {
    const some = turn(2, [message("pin", ada, 10, true), message("u2", user, 10)]);
    const history = [some, ...[5, 6, 7].map((index) => simpleTurn(index, 10, 10))];
    const summary = { message: message("sum", summaryAuthor, 5), coversThroughTurnIndex: 4, madeAtTurnIndex: 7 };
    expect(cuts(input({ summary, history, readsFromTurnIndex: 5 }))).toEqual(["replaced_by_summary u2"]);
  });

  test("cuts an old failure record like any other reply", () => {
    const failed: MessageAuthor = { kind: "failed_agent", key: "bob", name: "Bob", errorType: "timeout" };
    const history = [turn(0, [message("f0", failed, 500)]), ...sixTurns(10, 820)];
    expect(cuts(input({ history }))[0]).toBe("pruned_oldest_reply f0");
  });
});

describe("the turn at hand", () => {
  const carry = (...sizes: readonly number[]) =>
    turn(100, [message("now", user, 500), ...sizes.map((size, index) => message(`c${index}`, ada, size))], false);

  test("levels the longest carried replies down, leaves short ones whole, and marks the cut", () => {
    const window = fitWindow(input({ current: carry(4000, 300, 3000) }));
    expect(window.cuts.map((cut) => `${cut.rule} ${cut.messageId}`)).toEqual([
      "shortened_carry c0",
      "shortened_carry c2",
    ]);
    const [, first, short, last] = window.current.messages;
    expect([first?.tokens, short?.tokens, last?.tokens]).toEqual([2350, 300, 2350]);
    expect(first?.text.endsWith(shortenedMarker)).toBe(true);
    expect(window).toMatchObject({ rejected: null, estimateAfterPrune: 5530, isPruned: true });
  });

  test("records the cut so that the text can be made again from it", () => {
    const current = carry(9000);
    const window = fitWindow(input({ current }));
    const [cut] = window.cuts;
    if (cut?.rule !== "shortened_carry") throw new Error("nothing was shortened");
    const original = current.messages[1]?.text ?? "";
    expect(window.current.messages[1]?.text).toBe(original.slice(0, cut.keptCharacters) + shortenedMarker);
    expect(cut).toMatchObject({ keptBytes: cut.keptCharacters, originalBytes: original.length });
  });

  test("that was shortened before is shortened further, as a head of its stored text", () => {
    const stored = { ...message("c", ada, 0), text: "y".repeat(6000), tokens: 6000 };
    const carried = shorten(stored, 5000, "shortened_carry");
    const window = fitWindow(input({ current: turn(100, [message("now", user, 500), carried], false) }));
    expect(window.estimateAfterPrune).toBeLessThan(30 + 500 + carried.tokens);
    const [cut] = window.cuts;
    if (cut === undefined || !("keptCharacters" in cut)) throw new Error("nothing was shortened");
    expect(cut.originalBytes).toBe(6000);
    expect(window.current.messages[1]?.text).toBe("y".repeat(cut.keptCharacters) + shortenedMarker);
  });

  test("is not shortened while old replies can still go", () => {
    const given = input({ history: [simpleTurn(0, 10, 1000), ...sixTurns(1, 1)], current: carry(3000, 1100) });
    expect(cuts(given)).toEqual(["pruned_oldest_reply a0"]);
  });

  test("keeps pinned replies whole", () => {
    const current = turn(100, [message("pin", ada, 3000, true), message("c", ada, 3000)], false);
    expect(cuts(input({ current }))).toEqual(["shortened_carry c"]);
  });

  test("is rejected with the figures when the user's message alone is too big", () => {
    const window = fitWindow(input({ current: turn(100, [message("now", user, 5501)], false) }));
    expect(window.rejected).toEqual({ input_budget: 5530, estimated_tokens: 5531, model_context_limit: 8192 });
  });

  test("fits to the last token of the budget", () => {
    const window = fitWindow(input({ current: turn(100, [message("now", user, 5500)], false) }));
    expect(window.rejected).toBeNull();
  });
});
