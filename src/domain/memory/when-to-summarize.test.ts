import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "../context/budget.ts";
import { fitWindow } from "../context/fit-window.ts";
import { defaultContextSettings } from "../context/settings.ts";
import type { WindowMessage, WindowTurn } from "../context/window.ts";
import { dueThroughTurnIndex, mustSummarizeFirst, type SummaryTrigger } from "./when-to-summarize.ts";

const plain = { isPinned: false, groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };

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
const trigger = (change: Partial<SummaryTrigger>): SummaryTrigger => ({
  settings: defaultContextSettings,
  minModelLimit: 8192,
  summary: null,
  history: turns(1, 6),
  readsFromTurnIndex: 1,
  current: { turnIndex: 7 },
  ...change,
});
const summary = (coversThroughTurnIndex: number, madeAtTurnIndex: number) => ({
  coversThroughTurnIndex,
  madeAtTurnIndex,
});

describe("a summary at the end of a turn", () => {
  test.each<[string, Partial<SummaryTrigger>, number, number | null]>([
    ["seven turns had none", {}, 0, null],
    ["the eighth turn ends without one", { history: turns(1, 7), current: { turnIndex: 8 } }, 0, 4],
    [
      "seven turns followed the last",
      { history: turns(4, 11), summary: summary(4, 5), current: { turnIndex: 12 } },
      0,
      null,
    ],
    [
      "eight turns followed the last",
      { history: turns(4, 12), summary: summary(4, 5), current: { turnIndex: 13 } },
      0,
      9,
    ],
    ["the window is one token from full", {}, 3870, null],
    ["the window is full", {}, 3871, 3],
    ["a wider model has room, the least has not", { minModelLimit: 4096 }, 1600, 3],
    ["only recent turns are there", { history: turns(1, 3), current: { turnIndex: 4 } }, 9000, null],
    ["all but the recent turns is covered", { summary: summary(3, 3) }, 9000, null],
    ["more than that is covered", { summary: summary(5, 5) }, 9000, null],
    ["one turn is covered by none", { summary: summary(2, 3) }, 9000, 3],
    ["an old turn was not read", { history: turns(3, 6), readsFromTurnIndex: 3 }, 0, 3],
    ["the unread turns are covered", { history: turns(3, 6), readsFromTurnIndex: 3, summary: summary(2, 2) }, 0, null],
    [
      "an old pinned message is read",
      { history: [turn(1), ...turns(3, 6)], readsFromTurnIndex: 3, summary: summary(3, 3) },
      9000,
      null,
    ],
  ])("reaches as far as it must when %s", (_case, change, estimate, through) => {
    expect(dueThroughTurnIndex(trigger(change), estimate)).toBe(through);
  });
});

describe("before a turn", () => {
  const base = {
    settings: defaultContextSettings,
    minModelLimit: 8192,
    promptTokens: 100,
    summaryTokens: 0,
    unsummarized: { turns: 5, messages: 10, tokens: 4000 },
    messageTokens: 877,
  };

  test.each([
    ["it comes to 90 percent of 5530", {}, true],
    ["it is one token less", { messageTokens: 876 }, false],
    ["all that no summary covers is recent", { unsummarized: { turns: 4, messages: 5000, tokens: 9000 } }, false],
    ["the least model is wider", { minModelLimit: 128_000 }, false],
    ["there are more messages than are read", { unsummarized: { turns: 5, messages: 4001, tokens: 10 } }, true],
    ["there are as many as are read", { unsummarized: { turns: 5, messages: 4000, tokens: 10 } }, false],
    ["a summary makes it so", { messageTokens: 870, summaryTokens: 7 }, true],
    [
      "a summary counts with its share at most",
      { unsummarized: { turns: 5, messages: 10, tokens: 1700 }, summaryTokens: 90_000 },
      false,
    ],
  ])("a summary must be made, or not, when %s", (_case, change, must) => {
    expect(mustSummarizeFirst({ ...base, ...change })).toBe(must);
  });

  test("it must be made exactly when the window would prune what no summary covers", () => {
    const anyInput = fc.record({
      sizes: fc.array(fc.integer({ min: 2, max: 1500 }), { maxLength: 12 }),
      covered: fc.nat(6),
      summaryTokens: fc.option(fc.integer({ min: 1, max: 4000 })),
      minModelLimit: fc.integer({ min: 2048, max: 16_000 }),
      promptTokens: fc.nat(500),
      messageTokens: fc.integer({ min: 1, max: 2000 }),
    });
    fc.assert(
      fc.property(anyInput, ({ sizes, covered, summaryTokens, minModelLimit, promptTokens, messageTokens }) => {
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
          modelLimit: minModelLimit,
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
          ...{ minModelLimit, promptTokens, messageTokens },
          summaryTokens: summaryTokens === null ? 0 : said.tokens,
          unsummarized: {
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
