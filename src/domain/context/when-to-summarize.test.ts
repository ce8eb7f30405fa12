import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "./budget.ts";
import { fitWindow } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import { isSummaryWanted, mustSummarizeFirst, type SummaryGround } from "./when-to-summarize.ts";
import type { WindowMessage, WindowTurn } from "./window.ts";

const plain = { isPinned: false, groupId: null, privateTo: null, shortened: null, frameTokens: 0 };

function message(id: string, tokens: number, kind: "user" | "agent"): WindowMessage {
  const author = kind === "user" ? ({ kind } as const) : { kind, key: "ada", name: "Ada" };
  return { ...plain, id, author, text: id, tokens };
}

function turn(turnIndex: number, { tokens = 10, isResolved = true } = {}): WindowTurn {
  const messages = [message(`u${turnIndex}`, 1, "user"), message(`a${turnIndex}`, tokens - 1, "agent")];
  return { turnIndex, isResolved, messages };
}

const turns = (from: number, through: number) =>
  Array.from({ length: through - from + 1 }, (_, index) => turn(from + index));
const ground = (change: Partial<SummaryGround>): SummaryGround => ({
  settings: defaultContextSettings,
  summary: null,
  history: turns(1, 8),
  readsFromTurnIndex: 1,
  current: { turnIndex: 9 },
  ...change,
});
const summary = (coversThroughTurnIndex: number, madeAtTurnIndex: number) => ({
  coversThroughTurnIndex,
  madeAtTurnIndex,
});

describe("a summary", () => {
  test.each([
    ["nothing is due", { current: { turnIndex: 8 } }, 699, false],
    ["the window is filled", { current: { turnIndex: 8 } }, 700, true],
    ["eight turns had none", {}, 0, true],
    ["seven turns followed the last", { summary: summary(0, 1) }, 0, false],
    ["eight turns followed the last", { summary: summary(1, 0) }, 0, true],
    ["one turn is covered by none", { summary: summary(3, 8) }, 700, true],
    ["it covers all but the recent turns", { summary: summary(4, 8) }, 5000, false],
    ["it covers more than that", { summary: summary(6, 8) }, 5000, false],
    ["there are only recent turns", { history: turns(1, 4), current: { turnIndex: 5 } }, 5000, false],
    ["the old turn has not ended", { history: [turn(1, { isResolved: false }), ...turns(2, 5)] }, 5000, false],
    ["an old turn was not read", { history: turns(2, 5), readsFromTurnIndex: 2 }, 5000, true],
    ["recent turns were not read", { history: turns(3, 4), readsFromTurnIndex: 3 }, 5000, false],
    [
      "the unread turns are covered",
      { history: turns(4, 7), readsFromTurnIndex: 4, summary: summary(3, 3) },
      5000,
      false,
    ],
    ["an unread turn is not", { history: turns(4, 7), readsFromTurnIndex: 4, summary: summary(2, 3) }, 5000, true],
    [
      "an old pinned message is read",
      { history: [turn(1), ...turns(4, 7)], readsFromTurnIndex: 4, summary: summary(3, 3) },
      5000,
      false,
    ],
  ])("is due or not when %s", (_case, change, estimate, isWanted) => {
    expect(isSummaryWanted(ground(change), estimate, 1000)).toBe(isWanted);
  });
});

describe("before a turn", () => {
  const base = {
    settings: defaultContextSettings,
    leastModelLimit: 8192,
    promptTokens: 100,
    summaryTokens: 0,
    unsummarised: { turns: 5, messages: 10, tokens: 4000 },
    messageTokens: 877,
  };

  test.each([
    ["it comes to 90 percent of 5530", {}, true],
    ["it is one token less", { messageTokens: 876 }, false],
    ["all that no summary covers is recent", { unsummarised: { turns: 4, messages: 5000, tokens: 9000 } }, false],
    ["the least model is wider", { leastModelLimit: 128_000 }, false],
    ["there are more messages than are read", { unsummarised: { turns: 5, messages: 4001, tokens: 10 } }, true],
    ["there are as many as are read", { unsummarised: { turns: 5, messages: 4000, tokens: 10 } }, false],
    ["a summary makes it so", { messageTokens: 870, summaryTokens: 7 }, true],
    [
      "a summary counts with its share at most",
      { unsummarised: { turns: 5, messages: 10, tokens: 1700 }, summaryTokens: 90_000 },
      false,
    ],
  ])("a summary must be made, or not, when %s", (_case, change, must) => {
    expect(mustSummarizeFirst({ ...base, ...change })).toBe(must);
  });

  test("it must be made exactly when the window would prune what no summary covers", () => {
    const anyGround = fc.record({
      sizes: fc.array(fc.integer({ min: 2, max: 1500 }), { maxLength: 12 }),
      covered: fc.nat(6),
      summaryTokens: fc.option(fc.integer({ min: 1, max: 4000 })),
      leastModelLimit: fc.integer({ min: 2048, max: 16_000 }),
      promptTokens: fc.nat(500),
      messageTokens: fc.integer({ min: 1, max: 2000 }),
    });
    fc.assert(
      fc.property(anyGround, ({ sizes, covered, summaryTokens, leastModelLimit, promptTokens, messageTokens }) => {
        const through = summaryTokens === null ? 0 : Math.min(covered, sizes.length);
        fc.pre(sizes.length - through > defaultContextSettings.recentTurnsToKeep || through === 0);
        const text = "line\n".repeat(Math.ceil((summaryTokens ?? 0) / 1.5));
        const said = {
          ...message("sum", 0, "user"),
          author: { kind: "summary" },
          text,
          tokens: estimateTokens(text),
        } as const;
        const open = sizes.slice(through);
        const window = fitWindow({
          settings: defaultContextSettings,
          modelLimit: leastModelLimit,
          agentKey: "ada",
          promptTokens,
          summary: summaryTokens === null ? null : { message: said, ...summary(through, through) },
          history: sizes.map((tokens, index) => turn(index + 1, { tokens })),
          readsFromTurnIndex: 1,
          current: {
            turnIndex: sizes.length + 1,
            isResolved: false,
            messages: [message("now", messageTokens, "user")],
          },
        });
        const must = mustSummarizeFirst({
          settings: defaultContextSettings,
          ...{ leastModelLimit, promptTokens, messageTokens },
          summaryTokens: summaryTokens === null ? 0 : said.tokens,
          unsummarised: {
            turns: open.length,
            messages: open.length,
            tokens: open.reduce((sum, tokens) => sum + tokens, 0),
          },
        });
        expect(must).toBe(window.cuts.some(({ rule }) => rule.startsWith("pruned_oldest")));
      }),
      { numRuns: 300 },
    );
  });
});
