import { type FitWindowInput, fitWindow, windowMessages } from "../../src/domain/context/fit-window.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "../../src/domain/context/window.ts";

const plain = { groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };
export const user: MessageAuthor = { kind: "user" };
export const ada: MessageAuthor = { kind: "agent", key: "ada", name: "Ada" };
export const summaryAuthor: MessageAuthor = { kind: "summary" };

export function message(id: string, author: MessageAuthor, tokens: number, isPinned = false): WindowMessage {
  return { id, author, text: "x".repeat(Math.floor((tokens * 16) / 5)), tokens, isPinned, ...plain };
}

export function turn(turnIndex: number, messages: readonly WindowMessage[], isResolved = true): WindowTurn {
  return { turnIndex, isResolved, messages };
}

export function simpleTurn(turnIndex: number, userTokens: number, replyTokens: number): WindowTurn {
  return turn(turnIndex, [message(`u${turnIndex}`, user, userTokens), message(`a${turnIndex}`, ada, replyTokens)]);
}

export function input(change: Partial<FitWindowInput>): FitWindowInput {
  return {
    settings: defaultContextSettings,
    modelLimit: 8192,
    agentKey: "ada",
    promptTokens: 30,
    summary: null,
    history: [],
    current: turn(100, [message("now", user, 10)], false),
    readsFromTurnIndex: 1,
    ...change,
  };
}

export const ids = (given: FitWindowInput) => windowMessages(fitWindow(given)).map(({ id }) => id);
export const cuts = (given: FitWindowInput) => fitWindow(given).cuts.map((cut) => `${cut.rule} ${cut.messageId}`);
export const sixTurns = (userTokens: number, replyTokens: number) =>
  [1, 2, 3, 4, 5, 6].map((index) => simpleTurn(index, userTokens, replyTokens));
