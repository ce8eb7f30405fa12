import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "./budget.ts";
import { type FittedWindow, type FitWindowInput, fitWindow, windowMessages } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import { shortenedMarker } from "./shorten.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "./window.ts";

const anyAuthor: fc.Arbitrary<MessageAuthor> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<MessageAuthor>({ kind: "user" }) },
  { weight: 5, arbitrary: fc.constantFrom("ada", "bob").map((key) => ({ kind: "agent" as const, key, name: key })) },
  fc.constant<MessageAuthor>({ kind: "failed_agent", key: "cy", name: "Cy", errorType: "timeout" }),
  fc.constant<MessageAuthor>({ kind: "summary" }),
);
const anyMessage = fc
  .record({
    author: anyAuthor,
    letter: fc.constantFrom("a", "漢", "🏛", "\n"),
    length: fc.oneof(fc.nat(40), fc.nat(6000)),
    isPinned: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  })
  .map(({ author, letter, length, isPinned }) => ({ author, text: letter.repeat(length), isPinned }));
const anyTurn = fc.record({
  isResolved: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  messages: fc.array(anyMessage, { maxLength: 6 }),
});

const anyInput: fc.Arbitrary<FitWindowInput> = fc
  .record({
    modelLimit: fc.option(fc.integer({ min: 1, max: 40_000 })),
    recentTurnsToKeep: fc.integer({ min: 1, max: 6 }),
    promptTokens: fc.nat(1200),
    turns: fc.array(anyTurn, { maxLength: 14 }),
    current: fc.array(anyMessage, { maxLength: 6 }),
    coversThrough: fc.option(fc.nat(14)),
  })
  .map((drawn) => ({
    settings: { ...defaultContextSettings, recentTurnsToKeep: drawn.recentTurnsToKeep },
    modelLimit: drawn.modelLimit,
    promptTokens: drawn.promptTokens,
    summary:
      drawn.coversThrough === null
        ? null
        : {
            message: withId("s", { author: { kind: "summary" }, text: "sum", isPinned: false }),
            coversThroughTurnIndex: drawn.coversThrough,
            madeAtTurnIndex: drawn.coversThrough,
          },
    history: drawn.turns.map((turn, index) => numberTurn(index, turn)),
    current: numberTurn(99, { isResolved: false, messages: [...[userSays], ...drawn.current] }),
    agentKey: "ada",
    readsFromTurnIndex: 0,
  }));

const whole = { groupId: null, privateTo: null, shortened: null };
const userSays = { author: { kind: "user" } as const, text: "what now?", isPinned: false };

type Unnumbered = Pick<WindowMessage, "author" | "text" | "isPinned">;

function withId(id: string, message: Unnumbered): WindowMessage {
  return { ...message, ...whole, id, tokens: estimateTokens(message.text) };
}

function numberTurn(turnIndex: number, turn: { isResolved: boolean; messages: readonly Unnumbered[] }): WindowTurn {
  const messages = turn.messages.map((message, index) => withId(`${turnIndex}.${index}`, message));
  return { turnIndex, isResolved: turn.isResolved, messages };
}

const includedIds = (window: FittedWindow) => windowMessages(window).map(({ id }) => id);
const sumTokens = (input: FitWindowInput, window: FittedWindow) =>
  windowMessages(window).reduce((sum, message) => sum + message.tokens, input.promptTokens);

function mustStay(input: FitWindowInput): readonly WindowMessage[] {
  const recent = input.history.slice(-input.settings.recentTurnsToKeep);
  const unresolved = input.history.filter((turn) => !turn.isResolved);
  const kept = [...recent, ...unresolved].flatMap(({ messages }) => messages);
  const marked = input.history
    .flatMap(({ messages }) => messages)
    .filter((m) => m.isPinned || m.author.kind === "summary");
  const untouchable = input.current.messages.filter((m) => m.isPinned || m.author.kind !== "agent");
  return [...kept, ...marked, ...untouchable];
}

describe("any window", () => {
  test("fits its budget or is rejected, and its figures are the sums of what is in it", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const window = fitWindow(input);
        expect(window.estimateAfterPrune).toBe(sumTokens(input, window));
        expect(window.rejected === null).toBe(window.estimateAfterPrune <= window.budget.inputBudget);
      }),
    );
  });

  test("is rejected only when nothing more may be cut", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const window = fitWindow(input);
        fc.pre(window.rejected !== null);
        const left = new Set(mustStay(input).map(({ id }) => id));
        for (const { messages } of window.history) for (const { id } of messages) expect(left).toContain(id);
        for (const message of window.current.messages) {
          if (!left.has(message.id)) expect(message.tokens).toBeLessThanOrEqual(128);
        }
      }),
    );
  });

  test("holds every protected message untouched", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const messages = windowMessages(fitWindow(input));
        for (const message of mustStay(input)) expect(messages).toContain(message);
      }),
    );
  });

  test("accounts for each message once: in, or cut by one rule", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const window = fitWindow(input);
        const gone = window.cuts.filter((cut) => !("keptCharacters" in cut)).map((cut) => cut.messageId);
        const given = [...input.history, input.current].flatMap((turn) => turn.messages.map(({ id }) => id));
        const summary = input.summary === null ? [] : [input.summary.message.id];
        expect([...includedIds(window), ...gone].toSorted()).toEqual([...summary, ...given].toSorted());
        const order = new Map([...summary, ...given].map((id, index) => [id, index]));
        const positions = includedIds(window).map((id) => order.get(id) ?? -1);
        expect(positions).toEqual(positions.toSorted((left, right) => left - right));
      }),
    );
  });

  test("keeps of a shortened reply exactly the recorded head, whole characters only", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const window = fitWindow(input);
        const original = new Map(input.current.messages.map((message) => [message.id, message.text]));
        const shown = new Map(window.current.messages.map((message) => [message.id, message.text]));
        for (const cut of window.cuts) {
          if (cut.rule !== "shortened_carry") continue;
          const head = original.get(cut.messageId)?.slice(0, cut.keptCharacters) ?? "";
          expect(shown.get(cut.messageId)).toBe(head + shortenedMarker);
          expect(new TextEncoder().encode(head).length).toBe(cut.keptBytes);
          expect(/\p{Surrogate}/u.test(head)).toBe(false);
        }
      }),
    );
  });

  test("with a larger budget never loses what a smaller one kept", () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 1, max: 40_000 }), (input, otherLimit) => {
        const windows = [fitWindow(input), fitWindow({ ...input, modelLimit: otherLimit })];
        const [smaller, larger] = windows.toSorted((left, right) => left.budget.inputBudget - right.budget.inputBudget);
        if (smaller === undefined || larger === undefined) throw new Error("two windows were made");
        expect(includedIds(larger)).toEqual(expect.arrayContaining(includedIds(smaller)));
        const lengths = new Map(larger.current.messages.map((message) => [message.id, message.tokens]));
        for (const { id, tokens } of smaller.current.messages) expect(lengths.get(id)).toBeGreaterThanOrEqual(tokens);
        if (larger.rejected !== null) expect(smaller.rejected).not.toBeNull();
      }),
    );
  });

  test("fitted again is the same window, with nothing further cut", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const once = fitWindow(input);
        const summary = input.summary && once.summary && { ...input.summary, message: once.summary };
        const twice = fitWindow({ ...input, summary, history: once.history, current: once.current });
        expect(twice.cuts).toEqual(once.cuts.filter((cut) => "keptCharacters" in cut));
        expect(windowMessages(twice)).toEqual(windowMessages(once));
        expect(twice.rejected).toEqual(once.rejected);
      }),
    );
  });

  test("is the same for the same input", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(fitWindow(structuredClone(input))).toEqual(fitWindow(input));
      }),
    );
  });
});
