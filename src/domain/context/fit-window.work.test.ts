import { describe, expect, test } from "vitest";
import { estimateTokens } from "./budget.ts";
import { fitWindow } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "./window.ts";

const whole = { groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };
const user: MessageAuthor = { kind: "user" };
const ada: MessageAuthor = { kind: "agent", key: "ada", name: "Ada" };
const plain = {
  modelLimit: null,
  promptTokens: 10,
  summary: null,
  agentKey: "ada",
  readsFromTurnIndex: 0,
  settings: defaultContextSettings,
};

function turnOf(turnIndex: number, reply: string, isResolved: boolean): WindowTurn {
  return {
    turnIndex,
    isResolved,
    messages: [messageOf(`u${turnIndex}`, user, "what now?"), messageOf(`a${turnIndex}`, ada, reply)],
  };
}

function messageOf(id: string, author: MessageAuthor, text: string): WindowMessage {
  return { id, author, text, tokens: estimateTokens(text), isPinned: false, ...whole };
}

/** How often a property of a message is read, of so many turns of two messages. */
function readsFor(
  turnCount: number,
  change: (message: WindowMessage, index: number) => WindowMessage = (m) => m,
): number {
  let reads = 0;
  const counted = (message: WindowMessage): WindowMessage =>
    new Proxy(message, {
      get: (target, property, receiver) => {
        reads += 1;
        return Reflect.get(target, property, receiver);
      },
    });
  const turns = Array.from({ length: turnCount }, (_, index) => turnOf(index + 1, "x".repeat(900), true));
  const history = turns.map((turn, index) => ({
    ...turn,
    messages: turn.messages.map((message) => counted(change(message, index))),
  }));
  const message = messageOf("s", { kind: "summary" }, "line\n".repeat(20_000));
  const summary = { message: counted(message), coversThroughTurnIndex: turnCount / 2, madeAtTurnIndex: turnCount };
  fitWindow({ ...plain, summary, history, current: turnOf(turnCount + 1, "", false) });
  return reads;
}

const readsOfMessage = 16;

describe("the work of fitting", () => {
  test.each<[string, (message: WindowMessage, index: number) => WindowMessage]>([
    ["plain messages", (message) => message],
    ["one group of all", (message) => ({ ...message, groupId: "one" })],
    ["a group in each turn", (message, index) => ({ ...message, groupId: `g${index}` })],
    ["groups over many turns", (message, index) => ({ ...message, groupId: `g${index % 100}` })],
    ["rows private to another", (message, index) => ({ ...message, privateTo: index % 2 === 0 ? "bob" : null })],
    ["pinned rows", (message, index) => ({ ...message, isPinned: index % 3 === 0 })],
  ])("grows with the number of messages and no faster: %s", (_case, change) => {
    expect(readsFor(4000, change)).toBeGreaterThan(8000);
    expect(readsFor(4000, change)).toBeLessThanOrEqual(readsFor(2000, change) * 2.1);
    expect(readsFor(10_000, change)).toBeLessThanOrEqual(20_000 * readsOfMessage);
  });

  test("a million characters of carried reply are shortened to the budget", () => {
    const window = fitWindow({ ...plain, history: [], current: turnOf(1, "🏛".repeat(500_000), false) });
    expect(window.rejected).toBeNull();
    expect(window.cuts).toHaveLength(1);
  });

  test.each([
    ["of one line", "s".repeat(1_000_000)],
    ["of empty lines", "\n".repeat(1_000_000)],
    ["of lines", "a line of a summary\n".repeat(50_000)],
  ])("a million characters of summary %s are shortened to their share", (_case, text) => {
    const message = messageOf("s", { kind: "summary" }, text);
    const summary = { message, coversThroughTurnIndex: 1, madeAtTurnIndex: 1 };
    const window = fitWindow({ ...plain, summary, history: [], current: turnOf(2, "", false) });
    expect(window.summary?.shortened?.originalBytes).toBe(text.length);
    expect(window.summary?.tokens).toBeLessThanOrEqual(window.budget.inputBudget * 0.4);
  });
});
