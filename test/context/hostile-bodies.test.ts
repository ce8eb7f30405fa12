import { afterAll, describe, expect, it } from "vitest";
import { contextBudget } from "../../src/domain/context/budget.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { planChunk } from "../../src/domain/memory/plan-chunk.ts";
import { messageTokens } from "../../src/domain/turn/said.ts";
import { bounded, printFigures } from "../support/processor-time.ts";
import { said } from "../support/said.ts";
import { bytesOf, drafted, fill, prepare } from "./cpu-kit.ts";

afterAll(printFigures);

/** Of the longest message that a turn may have: what is hard for whatever counts, quotes, tags or cuts it. */
const bodies: readonly (readonly [string, string])[] = [
  ["one letter", fill("a")],
  ["blanks", fill(" ")],
  ["line ends", fill("\n")],
  ["openings of elements", fill("<")],
  ["openings and blanks", fill("< ")],
  ["quotes that are begun", fill("</message")],
  ["escapes", fill("&amp;")],
  ["tags of nobody", fill("@ada@")],
  ["tags", fill("@ada ")],
  ["tags that all differ", fill(Array.from({ length: 150_000 }, (_, place) => `@u${place}`).join(" "))],
  ["emoji", fill("👩‍👩‍👧")],
  ["Chinese", fill("日本語")],
  ["marks that combine", fill("e\u0301\u0323")],
  ["halves of pairs", fill("\ud83d")],
  ["digits", fill("1234567890")],
  ["words", fill("word and another, ")],
  ["brackets", fill("{[(")],
];

describe("one message of a million characters", () => {
  it.each(bodies)("of %s is drafted, and read or refused whole", (name, text) => {
    const draft = bounded(`draft: ${name}`, () => drafted({ message: text }));
    const message = said({ text, ...messageTokens(text) });
    const call = bounded(`prepare: ${name}`, () => prepare(draft.plan, [], [message]));
    expect(call.rejected === null).toBe(draft.oversize === null);
    expect(call.audit.includedMessageIds).toEqual(["m"]);
    expect(bytesOf(call.messages)).toBeLessThan(5 * Buffer.byteLength(text) + 10_000);
  });

  it.each(bodies)("of %s is carried from an agent to the others up to a reply's length", (name, text) => {
    const { plan } = drafted({});
    const words = said({
      id: "b",
      position: 2,
      author: "agent",
      agent_key: "bob",
      agent_name: "bob",
      text,
      ...messageTokens(text),
    });
    const call = bounded(`carry: ${name}`, () => prepare(plan, [], [said({}), words]));
    expect(call.rejected).toBeNull();
    expect(bytesOf(call.messages)).toBeLessThan(5 * defaultContextSettings.maxOutputTokens + 10_000);
  });

  it.each(bodies)("of %s is summed up piece by piece, within the bytes of a chunk", (name, text) => {
    const whole = said({ text });
    const message = { ...whole, from_offset: 0, length: [...text].length };
    const chunk = bounded(`chunk: ${name}`, () =>
      planChunk({
        room: { name: "Room", goal: "" },
        previous: null,
        entries: [],
        messages: [message],
        has_more: false,
        through_turn_index: 1,
        budget: contextBudget({ modelLimit: 8192, maxOutput: 2048 }),
        tokenCount: (words) => messageTokens(words).tokens,
      }),
    );
    expect(chunk.cursorAfter?.offset).toBeGreaterThan(0);
    expect(bytesOf(chunk.promptMessages)).toBeLessThanOrEqual(4 * 5530);
  });
});
