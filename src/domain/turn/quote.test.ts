import { describe, expect, it } from "vitest";
import { plainTurn, said, windowOf } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import type { SeatedAgent } from "./draft.ts";
import { type QuotedTurn, quoteTurn } from "./quote.ts";
import type { SaidMessage } from "./said.ts";
import { type QuoteInput, shortReplyTokens, usualReplyTokens } from "./step-costs.ts";

function seat(key: string, changes: Partial<SeatedAgent> = {}): SeatedAgent {
  const price = { provider_model: "maker/wide", context_limit: 128_000, multiplier_milli: 1000 };
  return { key, name: key.toUpperCase(), role_prompt: `You are ${key}.`, model_alias: "wide", ...price, ...changes };
}

const noPrice = { model_alias: "gone", provider_model: null, context_limit: null, multiplier_milli: null };

function saidBy(author: SaidMessage["author"], tokens: number): SaidMessage {
  const speaker = author === "user" ? { agent_key: null, agent_name: null } : { agent_key: "cyd", agent_name: "CYD" };
  const error_type = author === "failed_agent" ? "timeout" : null;
  return said({ id: `${author}${tokens}`, author, ...speaker, error_type, tokens });
}

function quoteOf(changes: Partial<QuoteInput> = {}) {
  return quoteTurn({
    room: { name: "Room", goal: "" },
    mode: "roundtable",
    rounds: 1,
    agents: [seat("ada"), seat("bob")],
    pricingVersion: "v1",
    context: defaultContextSettings,
    turnIndex: 1,
    ...plainTurn,
    message: "Hello",
    windowTokens: 0,
    windowMessages: 0,
    ...changes,
  });
}

function quoted(changes: Partial<QuoteInput> = {}): QuotedTurn {
  const quote = quoteOf(changes);
  if (quote.kind !== "quoted") throw new Error(`it is ${quote.kind}`);
  return quote;
}

/** At a multiplier of 1, where a prompt token costs 35 000 units and an output token 100 000. */
const prompt = (tokens: number) => BigInt(tokens) * 35_000n;
const output = (tokens: number) => BigInt(tokens) * 100_000n;

function costOf(quote: QuotedTurn, key: string) {
  const cost = quote.agents.find(({ agentKey }) => agentKey === key)?.cost;
  if (cost === null || cost === undefined) throw new Error(`${key} has no cost`);
  return cost;
}

describe("what is expected of a turn", () => {
  it("is the usual reply of each agent, carried to those who speak after it", () => {
    const quote = quoted();
    const [ada, bob] = [costOf(quote, "ada"), costOf(quote, "bob")];
    // The two prompts differ in nothing but the reply that is carried: names and roles are of one length.
    expect(bob.expected - ada.expected).toBe(prompt(usualReplyTokens));
    expect(ada.expected - ada.low).toBe(output(usualReplyTokens - shortReplyTokens));
    expect(bob.low).toBe(ada.low);
  });

  it("is as long as the session's agents spoke of late, users and failures left out", () => {
    const recent = [saidBy("user", 900), saidBy("agent", 100), saidBy("agent", 201), saidBy("failed_agent", 7)];
    const quote = quoted({ turnIndex: 2, window: windowOf(recent), windowTokens: 1208 });
    expect(costOf(quote, "bob").expected - costOf(quote, "ada").expected).toBe(prompt(151));
    expect(costOf(quote, "ada").expected - costOf(quote, "ada").low).toBe(output(151 - shortReplyTokens));
  });

  it("is at most what the model may say, and then no less than the low", () => {
    const narrow = { ...defaultContextSettings, maxOutputTokens: 256 };
    const ada = costOf(quoted({ context: narrow }), "ada");
    expect(ada.expected - ada.low).toBe(output(256 - shortReplyTokens));
    const terse = costOf(quoted({ turnIndex: 2, window: windowOf([saidBy("agent", 3)]), windowTokens: 3 }), "ada");
    expect(terse.expected).toBe(terse.low);
  });

  it("counts earlier turns as far as the window has room for them", () => {
    const lowWith = (windowTokens: number) =>
      costOf(quoted({ turnIndex: 9, history: { ...plainTurn.history, boundTokens: 10_000_000 }, windowTokens }), "ada")
        .low;
    expect(lowWith(5000) - lowWith(0)).toBe(prompt(5000));
    const inputBudget = 128_000 - 2048 - 6400;
    expect(lowWith(1_000_000)).toBe(prompt(inputBudget) + output(shortReplyTokens));
  });

  it("grows by the round, as each sees the rounds before", () => {
    const [one, two] = [quoted(), quoted({ rounds: 2 })];
    expect(two.agents.map(({ calls }) => calls)).toEqual([2, 2]);
    expect(costOf(two, "ada").expected - 2n * costOf(one, "ada").expected).toBe(prompt(2 * usualReplyTokens));
    expect(costOf(two, "ada").high).toBeGreaterThan(2n * costOf(one, "ada").high);
  });
});

describe("what is set aside to begin", () => {
  it("is the high of the first round alone", () => {
    const [one, three] = [quoted(), quoted({ rounds: 3 })];
    expect(one.startUnits).toBe(one.total?.high);
    expect(three.startUnits).toBe(one.startUnits);
    expect(three.total?.high).toBeGreaterThan(3n * (one.startUnits ?? 0n));
  });
});

describe("an agent without a price", () => {
  const agents = [seat("ada"), seat("bob", noPrice), seat("cyd")];

  it("makes its own figures and the totals unknown, and no others", () => {
    const quote = quoted({ agents, rounds: 2 });
    expect(quote.agents.map(({ agentKey, cost }) => [agentKey, cost === null])).toEqual([
      ["ada", false],
      ["bob", true],
      ["cyd", false],
    ]);
    expect([quote.total, quote.startUnits]).toEqual([null, null]);
    const priced = quoted({ agents: [seat("ada"), seat("bob"), seat("cyd")], rounds: 2 });
    for (const key of ["ada", "cyd"]) expect(costOf(quote, key)).toEqual(costOf(priced, key));
  });

  it("matters only where it is to speak", () => {
    expect(quoted({ agents, message: "@ada" }).total).not.toBeNull();
  });

  it("is too small for no message", () => {
    const message = "x".repeat(900_000);
    const wide = seat("ada", { context_limit: 10_000_000 });
    expect(quoted({ agents: [wide, seat("bob", noPrice)], message }).total).toBeNull();
  });
});

describe("what creating would refuse", () => {
  it.each([
    ["manual", "Hello", [seat("ada")], "no_valid_tagged_agents"],
    ["manual", "@zoe", [seat("ada")], "unknown_tagged_agent"],
    ["roundtable", "Hello", [], "no_room_agents"],
  ] as const)("is refused in a %s turn of %j: %#", (mode, message, agents, code) => {
    expect(quoteOf({ mode, message, agents })).toMatchObject({ kind: "refused", code });
  });

  it("is refused for its size, with the figures", () => {
    const agents = [seat("ada"), seat("bob", { context_limit: 2048 })];
    expect(quoteOf({ agents, message: "x".repeat(4000) })).toMatchObject({
      kind: "oversize",
      rejection: { input_budget: 615, model_context_limit: 2048 },
    });
  });
});
