import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { windowToAudit } from "../../src/domain/context/audit.ts";
import {
  type FittedWindow,
  type FitWindowInput,
  fitWindow,
  windowMessages,
} from "../../src/domain/context/fit-window.ts";
import { shortenedMarker } from "../../src/domain/context/shorten.ts";
import type { WindowMessage, WindowTurn } from "../../src/domain/context/window.ts";
import { anyWindow } from "./any-window.ts";

const includedIds = (window: FittedWindow) => windowMessages(window).map(({ id }) => id);
const removedIds = (window: FittedWindow) =>
  window.cuts.filter((cut) => !("keptCharacters" in cut)).map(({ messageId }) => messageId);
const isForAda = ({ privateTo }: WindowMessage) => privateTo === null || privateTo === "ada";
const ownMessages = (turns: readonly WindowTurn[]) => turns.flatMap(({ messages }) => messages).filter(isForAda);
const sumTokens = (messages: readonly WindowMessage[]) => messages.reduce((sum, { tokens }) => sum + tokens, 0);

/** Of the history: recent, unresolved and pinned messages, and all that are in a group with one or with the turn at hand. */
function mustStay({ history, current, settings, readsFromTurnIndex }: FitWindowInput): readonly WindowMessage[] {
  const whole = history.filter(({ turnIndex }) => turnIndex >= readsFromTurnIndex);
  const recent = whole.slice(-settings.recentTurnsToKeep);
  const unresolved = history.filter((turn) => !turn.isResolved);
  const pinned = ownMessages(history).filter(({ isPinned }) => isPinned);
  const kept = new Set([...ownMessages([...recent, ...unresolved]), ...pinned]);
  const groups = new Set([...kept, ...ownMessages([current])].map(({ groupId }) => groupId));
  return ownMessages(history).filter((m) => kept.has(m) || (m.groupId !== null && groups.has(m.groupId)));
}

describe("any window", () => {
  test("fits its budget or is rejected, and its figures are the sums of what is in it", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const window = fitWindow(input);
        const read = ownMessages([...input.history, input.current]);
        expect(window.estimateBefore).toBe(input.promptTokens + sumTokens(read));
        expect(window.estimateAfterPrune).toBe(input.promptTokens + sumTokens(windowMessages(window)));
        expect(window.rejected === null).toBe(window.estimateAfterPrune <= window.budget.inputBudget);
      }),
    );
  });

  test("is rejected only when nothing more may be cut", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const window = fitWindow(input);
        fc.pre(window.rejected !== null);
        const left = new Set(mustStay(input).map(({ id }) => id));
        expect(window.summary).toBeNull();
        for (const { messages } of window.history) for (const { id } of messages) expect(left).toContain(id);
        for (const { author, isPinned, tokens } of window.current.messages) {
          if (author.kind === "agent" && !isPinned) expect(tokens).toBeLessThanOrEqual(128);
        }
      }),
    );
  });

  test("holds recent turns, unresolved turns and pinned messages whole, with their groups, and the turn at hand", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const messages = windowMessages(fitWindow(input));
        for (const message of mustStay(input)) expect(messages).toContain(message);
        const ids = new Set(messages.map(({ id }) => id));
        for (const message of ownMessages([input.current])) {
          if (message.author.kind === "agent" && !message.isPinned) expect(ids).toContain(message.id);
          else expect(messages).toContain(message);
        }
      }),
    );
  });

  test("splits no group", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const included = new Set(includedIds(fitWindow(input)));
        const isInByGroup = new Map<string, boolean>();
        for (const { id, groupId } of ownMessages([...input.history, input.current])) {
          if (groupId === null) continue;
          expect(isInByGroup.get(groupId) ?? included.has(id)).toBe(included.has(id));
          isInByGroup.set(groupId, included.has(id));
        }
      }),
    );
  });

  test("is the same as if what is private to others had never been said", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const unsaid = (turn: WindowTurn) => ({ ...turn, messages: turn.messages.filter(isForAda) });
        const without = { ...input, history: input.history.map(unsaid), current: unsaid(input.current) };
        const audit = windowToAudit("alias", fitWindow(input), null);
        expect(audit).toEqual(windowToAudit("alias", fitWindow(without), null));
        expect(fitWindow(input)).toEqual(fitWindow(without));
      }),
    );
  });

  test("accounts for each message of the session once: in, cut by one rule, or in a range that was not read", () => {
    fc.assert(
      fc.property(anyWindow, ({ session, input }) => {
        const window = fitWindow(input);
        const read = new Set([...input.history, input.current].flatMap((turn) => turn.messages.map(({ id }) => id)));
        const unread = session.flatMap(({ turnIndex, messages }) =>
          messages
            .filter(({ id }) => !read.has(id))
            .flatMap(({ id }) => window.ranges.filter((r) => isWithin(r, turnIndex)).map(() => id)),
        );
        const summary = input.summary === null ? [] : [input.summary.message.id];
        const own = ownMessages([...session, input.current]).map(({ id }) => id);
        const unreadOfOthers = session.flatMap(({ messages }) =>
          messages.filter((message) => !isForAda(message) && !read.has(message.id)).map(({ id }) => id),
        );
        const given = [...summary, ...own, ...unreadOfOthers].toSorted();
        expect([...includedIds(window), ...removedIds(window), ...unread].toSorted()).toEqual(given);
      }),
    );
  });

  test("has ranges without a gap, before the first turn that was read whole, each by what covers it", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        let next = 1;
        for (const { rule, fromTurnIndex, throughTurnIndex } of fitWindow(input).ranges) {
          expect(fromTurnIndex).toBe(next);
          expect(throughTurnIndex).toBeGreaterThanOrEqual(fromTurnIndex);
          const covered = input.summary?.coversThroughTurnIndex ?? 0;
          if (rule === "replaced_by_summary") expect(throughTurnIndex).toBeLessThanOrEqual(covered);
          else expect(fromTurnIndex).toBeGreaterThan(covered);
          next = throughTurnIndex + 1;
        }
        expect(next).toBe(input.readsFromTurnIndex);
      }),
    );
  });

  test("keeps the order of the session, the summary first", () => {
    fc.assert(
      fc.property(anyWindow, ({ input }) => {
        const given = [...input.history, input.current].flatMap(({ messages }) => messages.map(({ id }) => id));
        const placeById = new Map(["s", ...given].map((id, place) => [id, place]));
        const places = includedIds(fitWindow(input)).map((id) => placeById.get(id) ?? -1);
        expect(places).toEqual(places.toSorted((left, right) => left - right));
      }),
    );
  });
});

describe("any shortened text", () => {
  test("can be made again from the stored text and its cut, whole characters only, however often it was cut", () => {
    fc.assert(
      fc.property(anyWindow, ({ storedText, input }) => {
        const window = fitWindow(input);
        const cutById = new Map(window.cuts.map((cut) => [cut.messageId, cut]));
        for (const { id, text } of windowMessages(window)) {
          const cut = cutById.get(id);
          const stored = storedText.get(id) ?? "";
          if (cut === undefined) expect(text).toBe(stored);
          else if ("keptCharacters" in cut) expectHead(text, stored, cut);
          else expect.unreachable(`${id} is in and gone`);
        }
      }),
    );
  });

  test("of a summary is within two fifths of the budget and ends with a line, unless its first line is too long", () => {
    fc.assert(
      fc.property(anyWindow, ({ storedText, input }) => {
        const window = fitWindow(input);
        fc.pre(window.summary !== null);
        expect(window.summary?.tokens).toBeLessThanOrEqual(window.budget.inputBudget * 0.4);
        fc.pre(window.summary?.shortened !== null);
        const kept = window.summary?.shortened?.keptCharacters ?? 0;
        const stored = storedText.get("s") ?? "";
        expect(stored[kept] === "\n" || !stored.slice(0, kept).trimStart().includes("\n")).toBe(true);
      }),
    );
  });
});

function expectHead(
  text: string,
  stored: string,
  cut: { readonly keptCharacters: number; readonly keptBytes: number; readonly originalBytes: number },
): void {
  const head = stored.slice(0, cut.keptCharacters);
  expect(text).toBe(head + shortenedMarker);
  expect(new TextEncoder().encode(head).length).toBe(cut.keptBytes);
  expect(new TextEncoder().encode(stored).length).toBe(cut.originalBytes);
  expect(/\p{Surrogate}/u.test(head)).toBe(false);
}

function isWithin({ fromTurnIndex, throughTurnIndex }: FittedWindow["ranges"][number], turnIndex: number): boolean {
  return turnIndex >= fromTurnIndex && turnIndex <= throughTurnIndex;
}
