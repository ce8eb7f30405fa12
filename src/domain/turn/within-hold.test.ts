import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateTokens } from "../context/budget.ts";
import { fitWindow, windowMessages } from "../context/fit-window.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { shortenedMarker } from "../context/shorten.ts";
import type { MessageAuthor, WindowMessage } from "../context/window.ts";
import { maxPromptTokens } from "../meter/bound.ts";
import { buildPrompt } from "../speaker/build-prompt.ts";
import { promptSpareTokens } from "./hold.ts";
import { withinHold } from "./within-hold.ts";

const user: MessageAuthor = { kind: "user" };
const ada: MessageAuthor = { kind: "agent", key: "ada", name: "Ada" };
const bob: MessageAuthor = { kind: "agent", key: "bob", name: 'B"o&b' };
const failed: MessageAuthor = { kind: "failed_agent", key: "bob", name: "Bob", errorType: "timeout" };
const plain = { isPinned: false, groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };

function message(id: string, author: MessageAuthor, text: string, more: Partial<WindowMessage> = {}): WindowMessage {
  return { ...plain, id, author, text, tokens: estimateTokens(text), ...more };
}

interface Scene {
  readonly history: readonly WindowMessage[];
  readonly summary: WindowMessage | null;
  readonly modelLimit?: number;
}

function windowOf({ history, summary, modelLimit = 1_000_000 }: Scene) {
  return fitWindow({
    settings: defaultContextSettings,
    modelLimit,
    agentKey: "ada",
    promptTokens: 10,
    summary: summary && { message: summary, coversThroughTurnIndex: 1, madeAtTurnIndex: 1 },
    history: history.map((said, index) => ({ turnIndex: index + 2, isResolved: true, messages: [said] })),
    readsFromTurnIndex: 2,
    current: { turnIndex: history.length + 2, isResolved: false, messages: [message("now", user, "Now?")] },
  });
}

const voice = { self: { key: "ada", name: "Ada" }, roomName: "Room", roomGoal: "", rolePrompt: "" };
type Window = ReturnType<typeof windowOf>;
const build = (window: Window) => buildPrompt({ ...voice, messages: windowMessages(window) });
const sizeOf = (window: Window) => maxPromptTokens(build(window)) + promptSpareTokens;
const ids = (window: Window) => windowMessages(window).map(({ id }) => id);
const bareSize = sizeOf(windowOf({ history: [], summary: null }));

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index} <&lt; ${"w".repeat(50)}`).join("\n");
const summaryOf = (text: string) => message("sum", { kind: "summary" }, text);

describe("a prompt that is larger than what is held for it", () => {
  const history = [message("old", user, "o".repeat(400)), message("new", user, "n".repeat(400))];

  it("loses history first, and the summary stays whole while that is enough", () => {
    const window = windowOf({ history, summary: summaryOf(lines(3)) });
    const held = withinHold(window, sizeOf(window) - 500, build).window;
    expect(ids(held)).toEqual(["sum", "now"]);
    expect(held.summary).toBe(window.summary);
    expect(held.cuts).toEqual([
      { messageId: "old", rule: "over_hold" },
      { messageId: "new", rule: "over_hold" },
    ]);
  });

  it("has its summary shortened to whole lines when no history is left, with the sizes of what was kept", () => {
    const text = lines(20);
    const window = windowOf({ history, summary: summaryOf(text) });
    const held = withinHold(window, bareSize + 500, build).window;
    const cut = held.cuts.find(({ messageId }) => messageId === "sum");
    if (cut === undefined || !("keptCharacters" in cut)) throw new Error("the summary was not shortened");
    expect(cut).toMatchObject({ rule: "over_hold", keptBytes: cut.keptCharacters, originalBytes: text.length });
    expect(held.summary?.text).toBe(text.slice(0, cut.keptCharacters) + shortenedMarker);
    expect(text[cut.keptCharacters]).toBe("\n");
    expect(held).toMatchObject({ history: [], isPruned: true });
    expect(held.estimateAfterPrune).toBe(10 + windowMessages(held).reduce((sum, { tokens }) => sum + tokens, 0));
  });

  it("has a summary that was shortened for the model before shortened again, as a head of the stored text", () => {
    const text = lines(100);
    const window = windowOf({ history: [], summary: summaryOf(text), modelLimit: 4096 });
    expect(window.cuts).toMatchObject([{ messageId: "sum", rule: "shortened_summary", originalBytes: text.length }]);
    const held = withinHold(window, bareSize + 1000, build).window;
    expect(held.cuts).toHaveLength(1);
    const [cut] = held.cuts;
    if (cut === undefined || !("keptCharacters" in cut)) throw new Error("the summary was not shortened");
    expect(cut).toMatchObject({ rule: "over_hold", originalBytes: text.length });
    expect(held.summary?.text).toBe(text.slice(0, cut.keptCharacters) + shortenedMarker);
  });

  it("goes without its summary at last", () => {
    const window = windowOf({ history, summary: summaryOf(lines(20)) });
    const held = withinHold(window, bareSize + 20, build);
    expect(ids(held.window)).toEqual(["now"]);
    expect(held.window.cuts).toContainEqual({ messageId: "sum", rule: "over_hold" });
    expect(held.window.summary).toBeNull();
  });

  it("loses a group whole, and the pinned last", () => {
    const group = { groupId: "call" };
    const said = [
      message("pin", user, "p".repeat(300), { isPinned: true }),
      message("call", ada, "c".repeat(100), group),
      message("between", user, "b".repeat(100)),
      message("result", ada, "r".repeat(100), group),
    ];
    const window = windowOf({ history: said, summary: null });
    expect(ids(withinHold(window, sizeOf(window) - 50, build).window)).toEqual(["pin", "between", "now"]);
    expect(ids(withinHold(window, sizeOf(window) - 250, build).window)).toEqual(["pin", "now"]);
  });
});

const anySaid = fc.record({
  author: fc.constantFrom(user, ada, bob, failed),
  text: fc.array(fc.constantFrom("<", "&lt;", "</message>", "word ", "漢", "🏛", "\n"), { maxLength: 60 }),
  isPinned: fc.boolean(),
  groupId: fc.constantFrom(null, null, "g1", "g2"),
});
const anyScene = fc
  .record({
    said: fc.array(anySaid, { maxLength: 8 }),
    lines: fc.option(fc.array(fc.constantFrom("&lt;", "漢字", "<&", "🏛", "\n", "word "), { maxLength: 400 }), {
      freq: 4,
    }),
    modelLimit: fc.constantFrom(2048, 4096, 1_000_000),
  })
  .map(({ said, lines: parts, modelLimit }) => ({
    modelLimit,
    summary: parts && summaryOf(parts.join("")),
    history: said.map(({ author, text, ...more }, index) => message(`m${index}`, author, text.join(""), more)),
  }));

describe("any prompt within a hold", () => {
  it("is no larger than it, whatever was said and however it is quoted, and accounts for what it lost", () => {
    fc.assert(
      fc.property(anyScene, fc.double({ min: 0, max: 1, noNaN: true }), (scene, share) => {
        const window = windowOf(scene);
        const bound = Math.floor(bareSize + share * (sizeOf(window) - bareSize));
        const { window: held, messages } = withinHold(window, bound, build);
        expect(maxPromptTokens(messages) + promptSpareTokens).toBeLessThanOrEqual(bound);
        expect(messages).toEqual(build(held));
        const gone = held.cuts.filter((cut) => !("keptCharacters" in cut)).map(({ messageId }) => messageId);
        const goneBefore = window.cuts.filter((cut) => !("keptCharacters" in cut)).map(({ messageId }) => messageId);
        expect([...ids(held), ...gone].toSorted()).toEqual([...ids(window), ...goneBefore].toSorted());
        expect(new Set(held.cuts.map(({ messageId }) => messageId)).size).toBe(held.cuts.length);
        if (held.history.length > 0) expect(held.summary).toBe(window.summary);
        const groups = held.history.flatMap((turn) => turn.messages).map(({ groupId }) => groupId);
        for (const { id, groupId } of window.history.flatMap((turn) => turn.messages)) {
          if (groupId !== null && groups.includes(groupId)) expect(ids(held)).toContain(id);
        }
      }),
      { numRuns: 300 },
    );
  });
});
