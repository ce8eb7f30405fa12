import { describe, expect, test } from "vitest";
import { estimateTokens } from "./budget.ts";
import { fitWindow } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "./window.ts";

const whole = { groupId: null, privateTo: null, shortened: null };
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

function readsFor(turnCount: number): number {
  let reads = 0;
  const counted = (message: WindowMessage): WindowMessage =>
    new Proxy(message, {
      get: (target, property, receiver) => {
        reads += 1;
        return Reflect.get(target, property, receiver);
      },
    });
  const turns = Array.from({ length: turnCount }, (_, index) => turnOf(index, "x".repeat(900), true));
  const history = turns.map((turn) => ({ ...turn, messages: turn.messages.map(counted) }));
  fitWindow({ ...plain, history, current: turnOf(turnCount, "", false) });
  return reads;
}

describe("the work of fitting", () => {
  test("grows with the number of messages and no faster", () => {
    expect(readsFor(4000)).toBeGreaterThan(8000);
    expect(readsFor(4000)).toBeLessThanOrEqual(readsFor(2000) * 2.5);
  });

  test("a million characters of carried reply are shortened to the budget", () => {
    const window = fitWindow({ ...plain, history: [], current: turnOf(0, "🏛".repeat(500_000), false) });
    expect(window.rejected).toBeNull();
    expect(window.cuts).toHaveLength(1);
  });
});
