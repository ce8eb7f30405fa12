import { describe, expect, test } from "vitest";
import { fitWindow } from "../../src/domain/context/fit-window.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "../../src/domain/context/window.ts";
import { ada, cuts, ids, input, message, simpleTurn, sixTurns, summaryAuthor, turn, user } from "./window-kit.ts";

describe("a group", () => {
  const grouped = (id: string, author: MessageAuthor, tokens: number, more: Partial<WindowMessage> = {}) => ({
    ...message(id, author, tokens),
    groupId: "call",
    ...more,
  });

  test("is pruned together, though its first message alone would do", () => {
    const old = turn(0, [grouped("call", ada, 600), message("u0", user, 10), grouped("result", ada, 600)]);
    const given = input({ history: [old, ...sixTurns(10, 700)] });
    expect(cuts(given)).toEqual(["pruned_oldest_reply call", "pruned_oldest_reply result"]);
  });

  test("stays whole when one of it is pinned, recent or of the turn at hand, whatever covers the rest", () => {
    const summary = { message: message("sum", summaryAuthor, 5), coversThroughTurnIndex: 3, madeAtTurnIndex: 7 };
    const shown = (history: readonly WindowTurn[], now = message("now", user, 10)) =>
      ids(input({ summary, history, current: turn(100, [now], false) }));
    const recent = [4, 5, 6, 7].map((index) => simpleTurn(index, 10, 10));
    const old = turn(1, [grouped("call", ada, 10), message("a1", ada, 10)]);
    const late = turn(8, [grouped("result", ada, 10)]);
    const both = (more: Partial<WindowMessage>) =>
      turn(1, [grouped("call", ada, 10), grouped("result", ada, 10, more)]);
    expect(shown([both({}), ...recent])).not.toContain("call");
    expect(shown([both({ isPinned: true }), ...recent])).toContain("call");
    expect(shown([old, ...recent, late])).toContain("call");
    expect(shown([old, ...recent, late])).not.toContain("a1");
    expect(shown([old, ...recent], grouped("now", user, 10))).toContain("call");
  });
});

describe("what is private to one agent", () => {
  const note = (agentKey: string) => ({ ...message(`note of ${agentKey}`, ada, 5000), privateTo: agentKey });

  test("is in its window, and in no other one's window, count or cuts", () => {
    const history = [
      turn(1, [message("u1", user, 10), note("bob")]),
      ...[2, 3, 4, 5, 6].map((i) => simpleTurn(i, 10, 10)),
    ];
    const current = turn(7, [message("now", user, 10), note("ada")], false);
    expect(ids(input({ history, current }))).not.toContain("note of bob");
    expect(ids(input({ history, current }))).toContain("note of ada");
    const ofCyd = fitWindow(input({ history, current, agentKey: "cyd" }));
    expect(ofCyd).toMatchObject({ estimateBefore: 30 + 10 + 100 + 10, cuts: [] });
    expect(JSON.stringify(ofCyd)).not.toContain("note of");
  });
});
