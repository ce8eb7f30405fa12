import fc from "fast-check";
import { estimateTokens } from "../../src/domain/context/budget.ts";
import type { FitWindowInput } from "../../src/domain/context/fit-window.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { shorten } from "../../src/domain/context/shorten.ts";
import type { MessageAuthor, WindowMessage, WindowTurn } from "../../src/domain/context/window.ts";

/** A session as it is stored, and what of it was read for the window of "ada". */
export interface DrawnWindow {
  /** Every message before the turn at hand, by its turn; texts whole. */
  readonly session: readonly WindowTurn[];
  /** The stored texts, the summary's and those of the turn at hand too. */
  readonly storedText: ReadonlyMap<string, string>;
  readonly input: FitWindowInput;
}

const anyAuthor: fc.Arbitrary<MessageAuthor> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<MessageAuthor>({ kind: "user" }) },
  { weight: 5, arbitrary: fc.constantFrom("ada", "bob").map((key) => ({ kind: "agent" as const, key, name: key })) },
  fc.constant<MessageAuthor>({ kind: "failed_agent", key: "cy", name: "Cy", errorType: "timeout" }),
);
const oneIn = (times: number) => fc.integer({ min: 1, max: times }).map((roll) => roll === times);
const anyText = fc
  .record({ letter: fc.constantFrom("a", "漢", "🏛", "\n"), length: fc.oneof(fc.nat(40), fc.nat(6000)) })
  .map(({ letter, length }) => letter.repeat(length));
const anyMessage = fc.record({
  author: anyAuthor,
  text: anyText,
  isPinned: oneIn(10),
  /** Most groups are of one turn; a few reach over turns. */
  group: fc.constantFrom("none", "none", "none", "own", "own", "far"),
  privateTo: fc.constantFrom(null, null, null, null, "ada", "bob"),
  carriedUnits: fc.option(fc.nat(3000), { freq: 4 }),
});
type AnyMessage = typeof anyMessage extends fc.Arbitrary<infer M> ? M : never;
const anyTurn = fc.record({
  isResolved: oneIn(10).map((roll) => !roll),
  messages: fc.array(anyMessage, { maxLength: 6 }),
});
const anySummary = fc.record({
  lines: fc.array(fc.tuple(fc.constantFrom("d", "漢", "🏛"), fc.oneof(fc.nat(60), fc.nat(2000))), { maxLength: 12 }),
  covers: fc.nat(14),
  sinceMade: fc.nat(9),
});

export const anyWindow: fc.Arbitrary<DrawnWindow> = fc
  .record({
    modelLimit: fc.option(fc.integer({ min: 1, max: 40_000 })),
    recentTurnsToKeep: fc.integer({ min: 1, max: 6 }),
    pruneTriggerRatio: fc.constantFrom(0.9, 0.9, 0.9, 1, 0.7),
    promptTokens: fc.nat(1200),
    turns: fc.array(anyTurn, { maxLength: 14 }),
    current: fc.array(anyMessage, { maxLength: 6 }),
    summary: fc.option(anySummary, { freq: 3 }),
    readsFromTurnIndex: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 15 })),
  })
  .map(({ turns, current: said, summary: drawn, ...plain }) => {
    const session = turns.map((turn, index) => storedTurn(index + 1, turn));
    const asked = { author: { kind: "user" }, text: "what now?", isPinned: false } as const;
    const own: AnyMessage = { ...asked, group: "none", privateTo: null, carriedUnits: null };
    const current = storedTurn(turns.length + 1, { isResolved: false, messages: [own, ...said] });
    const readsFromTurnIndex = Math.min(plain.readsFromTurnIndex, current.turnIndex);
    const summary = drawn && {
      message: summaryOf(drawn.lines.map(([letter, length]) => letter.repeat(length)).join("\n")),
      coversThroughTurnIndex: drawn.covers,
      madeAtTurnIndex: drawn.covers + drawn.sinceMade,
    };
    const all = [...session, current].flatMap(({ messages }) => messages).concat(summary?.message ?? []);
    const carriedUnits = new Map<string, number | null>(
      [...turns.map(({ messages }) => messages), [own, ...said]].flatMap((messages, index) =>
        messages.map((message, place) => [`${index + 1}.${place}`, message.carriedUnits] as const),
      ),
    );
    const carried = (turn: WindowTurn) => ({
      ...turn,
      messages: turn.messages.map((message) => carry(message, carriedUnits.get(message.id) ?? null)),
    });
    const { recentTurnsToKeep, pruneTriggerRatio, modelLimit, promptTokens } = plain;
    const input: FitWindowInput = {
      settings: { ...defaultContextSettings, recentTurnsToKeep, pruneTriggerRatio },
      ...{
        modelLimit,
        promptTokens,
        agentKey: "ada",
        summary,
        readsFromTurnIndex,
      },
      history: readOf(session, readsFromTurnIndex).map(carried),
      current: carried(current),
    };
    return { session, storedText: new Map(all.map(({ id, text }) => [id, text])), input };
  });

function storedTurn(
  turnIndex: number,
  turn: { readonly isResolved: boolean; readonly messages: readonly AnyMessage[] },
): WindowTurn {
  const messages = turn.messages.map(({ group, author, text, isPinned, privateTo }, place): WindowMessage => {
    const groupId = group === "none" ? null : group === "own" ? `g${turnIndex}` : `g${turnIndex % 3}`;
    const tokens = estimateTokens(text);
    return {
      id: `${turnIndex}.${place}`,
      author,
      text,
      tokens,
      isPinned,
      groupId,
      privateTo,
      shortened: null,
      wrapperTokens: 0,
    };
  });
  return { turnIndex, isResolved: turn.isResolved, messages };
}

function summaryOf(text: string): WindowMessage {
  const plain = { isPinned: false, groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };
  return { id: "s", author: { kind: "summary" }, text, tokens: estimateTokens(text), ...plain };
}

function carry(message: WindowMessage, units: number | null): WindowMessage {
  const isLong = units !== null && message.author.kind !== "user" && message.text.length > units + 20;
  return isLong ? shorten(message, units, "shortened_carry") : message;
}

/** Turns from there on whole; of older ones what is pinned, with its groups. */
function readOf(session: readonly WindowTurn[], readsFromTurnIndex: number): readonly WindowTurn[] {
  const old = session.filter(({ turnIndex }) => turnIndex < readsFromTurnIndex).flatMap(({ messages }) => messages);
  const read = session.filter(({ turnIndex }) => turnIndex >= readsFromTurnIndex).flatMap(({ messages }) => messages);
  const pinnedGroups = new Set([...old.filter(({ isPinned }) => isPinned), ...read].map(({ groupId }) => groupId));
  pinnedGroups.delete(null);
  const isRead = ({ isPinned, groupId }: WindowMessage) => isPinned || pinnedGroups.has(groupId);
  return session.flatMap((turn) => {
    if (turn.turnIndex >= readsFromTurnIndex) return [turn];
    const messages = turn.messages.filter(isRead);
    return messages.length === 0 ? [] : [{ ...turn, messages }];
  });
}
