import { afterAll, describe, expect, it } from "vitest";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { planChunk } from "../../src/domain/summary/plan-chunk.ts";
import { type DraftInput, draftTurn, type SeatedAgent } from "../../src/domain/turn/draft.ts";
import { messageTokens, type SaidMessage } from "../../src/domain/turn/said.ts";
import { prepareCall } from "../../src/domain/turn/window.ts";
import { plainTurn, said, windowOf } from "../support/said.ts";

const million = 1_000_000;
const fill = (piece: string) => piece.repeat(Math.ceil(million / piece.length)).slice(0, million);

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
  ["emoji", fill("👩‍👩‍👧")],
  ["Chinese", fill("日本語")],
  ["marks that combine", fill("e\u0301\u0323")],
  ["halves of pairs", fill("\ud83d")],
  ["digits", fill("1234567890")],
  ["words", fill("word and another, ")],
  ["brackets", fill("{[(")],
];

const agents: readonly SeatedAgent[] = ["ada", "bob", "cyd"].map((key) => ({
  key,
  name: key,
  role_prompt: "Speak.",
  model_alias: "wide",
  provider_model: "maker/wide",
  context_limit: 1_048_576,
  multiplier_milli: 1000,
  token_ratios: null,
}));

function input(changes: Partial<DraftInput>): DraftInput {
  const room = { name: "Room", goal: "" };
  const fixed = {
    room,
    mode: "roundtable",
    rounds: 1,
    agents,
    pricingVersion: "v1",
    context: defaultContextSettings,
  } as const;
  return { ...plainTurn, ...fixed, turnIndex: 1, message: "Go", ...changes };
}

function drafted(changes: Partial<DraftInput>) {
  const made = draftTurn(input(changes));
  if (made.kind === "refused") throw new Error(made.message);
  return made;
}

const figures: Record<string, number> = {};
afterAll(() => console.log(JSON.stringify(figures)));

/** What it took of the processor, for whoever reads the figures: the least of three. */
function timed<Result>(name: string, act: () => Result): Result {
  let least = Number.POSITIVE_INFINITY;
  let result = act();
  for (let time = 0; time < 3; time += 1) {
    const begun = process.cpuUsage();
    result = act();
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  figures[name] = Number(least.toFixed(1));
  return result;
}

const prepare = (
  plan: ReturnType<typeof drafted>["plan"],
  messages: readonly SaidMessage[],
  current: readonly SaidMessage[],
) => {
  const step = { index: 0, purpose: "agent", agentKey: "ada", round: 1, instruction: null } as const;
  const turnIndex = 1 + Math.max(0, ...messages.map(({ turn_index }) => turn_index));
  return prepareCall({
    plan,
    step,
    seed: "t",
    turnIndex,
    window: windowOf(messages),
    current,
    steps: [],
    promptBound: null,
  });
};

const bytesOf = (messages: readonly { readonly content: string }[]) =>
  messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);

describe("one message of a million characters", () => {
  it.each(bodies)("of %s is drafted, and read or refused whole", (name, text) => {
    const draft = timed(`draft: ${name}`, () => drafted({ message: text }));
    const message = said({ text, ...messageTokens(text) });
    const call = timed(`prepare: ${name}`, () => prepare(draft.plan, [], [message]));
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
    const call = timed(`carry: ${name}`, () => prepare(plan, [], [said({}), words]));
    expect(call.rejected).toBeNull();
    expect(bytesOf(call.messages)).toBeLessThan(5 * defaultContextSettings.maxOutputTokens + 10_000);
  });

  it.each(bodies)("of %s is summed up piece by piece, within the bytes of a chunk", (name, text) => {
    const whole = said({ text });
    const message = { ...whole, from_offset: 0, length: [...text].length };
    const chunk = timed(`chunk: ${name}`, () =>
      planChunk({
        room: { name: "Room", goal: "" },
        previous: null,
        entries: [],
        messages: [message],
        hasMore: false,
        throughTurnIndex: 1,
        modelLimit: 8192,
        maxOutputTokens: 2048,
        tokenCount: (words) => messageTokens(words).tokens,
      }),
    );
    expect(chunk.cursorAfter?.offset).toBeGreaterThan(0);
    expect(bytesOf(chunk.promptMessages)).toBeLessThanOrEqual(4 * 5530);
  });
});

describe("twenty thousand short messages", () => {
  const texts = ["ok", "<", "@ada", "👍", "no\n"];
  const messages = Array.from({ length: 20_000 }, (_, place) => {
    const text = texts[place % texts.length] ?? "";
    const author =
      place % 10 === 0
        ? ({ author: "user" } as const)
        : ({ author: "agent", agent_key: "bob", agent_name: "bob" } as const);
    return said({
      id: `m${place}`,
      turn_index: 1 + Math.floor(place / 10),
      position: place % 10,
      ...author,
      text,
      ...messageTokens(text),
    });
  });

  /** How often something is read of a message while the first so many of them are made a prompt. */
  function readsFor(count: number, context_limit: number): number {
    let reads = 0;
    const counted = messages.slice(0, count).map(
      (message) =>
        new Proxy(message, {
          get: (target, property, receiver) => {
            reads += 1;
            return Reflect.get(target, property, receiver);
          },
        }),
    );
    const { plan } = drafted({ agents: agents.map((agent) => ({ ...agent, context_limit })) });
    prepare(plan, counted, [said({ turn_index: 1 + count / 10 })]);
    return reads;
  }

  it.each([1_048_576, 128_000, 8192])(
    "are made a prompt in work that grows with their number, in a window of %i tokens",
    (limit) => {
      const { plan } = drafted({ agents: agents.map((agent) => ({ ...agent, context_limit: limit })) });
      const current = [said({ turn_index: 2001 })];
      const call = timed(`20,000 messages, window of ${limit}`, () => prepare(plan, messages, current));
      expect(call.audit.includedMessageIds.length + call.audit.cuts.length).toBe(20_001);
      expect(readsFor(20_000, limit)).toBeLessThanOrEqual(2.1 * readsFor(10_000, limit));
      expect(call.rejected).toBeNull();
    },
  );

  it("that are read by a new turn are drafted in work that grows with their number", () => {
    const window = windowOf(messages);
    const draft = timed("draft: after 20,000 messages", () => drafted({ turnIndex: 2001, window }));
    expect(draft.steps.map(({ purpose }) => purpose)).toContain("agent");
  });
});
