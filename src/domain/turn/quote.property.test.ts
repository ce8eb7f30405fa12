import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { said, windowOf } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { managerKey, rosterOf, type TurnPlan } from "../plan/plan.ts";
import { draftTurn, type ManagerModel, type SeatedAgent } from "./draft.ts";
import { quoteTurn } from "./quote.ts";
import { type DraftStep, nextSteps, replySizes } from "./rounds.ts";
import type { SaidMessage } from "./said.ts";
import type { CostRange, QuoteInput } from "./step-costs.ts";

const keys = ["ada", "bob", "cyd", "dan"] as const;

const price = fc.record({
  provider_model: fc.constant("maker/model"),
  context_limit: fc.oneof(fc.integer({ min: 2048, max: 9000 }), fc.integer({ min: 2048, max: 10_000_000 })),
  multiplier_milli: fc.integer({ min: 1, max: 9_999_999 }),
});
const noPrice = fc.constant({ provider_model: null, context_limit: null, multiplier_milli: null });

const seats = (priceOf: fc.Arbitrary<Pick<SeatedAgent, "provider_model" | "context_limit" | "multiplier_milli">>) =>
  fc
    .uniqueArray(fc.constantFrom(...keys), { minLength: 1 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((key) =>
          fc
            .tuple(priceOf, fc.string({ maxLength: 120 }), fc.string({ minLength: 1, maxLength: 40 }))
            .map(
              ([known, role_prompt, name]): SeatedAgent => ({ key, name, role_prompt, model_alias: "some", ...known }),
            ),
        ),
      ),
    );

const recentMessage = fc
  .record({
    author: fc.constantFrom("user" as const, "agent" as const, "failed_agent" as const),
    text: fc.string({ unit: "grapheme", maxLength: 200 }),
    tokens: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20_000 })),
    is_pinned: fc.boolean(),
    turn_index: fc.integer({ min: 1, max: 4 }),
  })
  .map((message): SaidMessage => {
    const isUser = message.author === "user";
    const speaker = { agent_key: isUser ? null : "ada", agent_name: isUser ? null : "ADA" };
    return said({ ...message, ...speaker, error_type: message.author === "failed_agent" ? "timeout" : null });
  });

const anyManager: fc.Arbitrary<ManagerModel> = price.map((known) => ({ model_alias: "chief", ...known }));

const inputs = (agents: fc.Arbitrary<readonly SeatedAgent[]>, rounds: fc.Arbitrary<number>): fc.Arbitrary<QuoteInput> =>
  fc
    .record({
      agents,
      rounds,
      mode: fc.constantFrom("manual" as const, "roundtable" as const),
      words: fc.string({ unit: "grapheme", maxLength: 400 }),
      isTagged: fc.boolean(),
      maxOutputTokens: fc.integer({ min: 256, max: 20_000 }),
      recent: fc.array(recentMessage, { maxLength: 8 }),
      history: fc.record({
        boundTokens: fc.nat(2_000_000),
        unsummarizedTokens: fc.nat(2_000_000),
        unsummarizedTurns: fc.nat(8),
        unsummarizedMessages: fc.nat(60),
        longestBoundTokens: fc.nat(100_000),
      }),
      manager: fc.option(anyManager),
      isSummarizing: fc.boolean(),
      windowTokens: fc.nat(2_000_000),
      windowMessages: fc.nat(4000),
      repliesToCome: fc.nat(50),
    })
    .map(({ words, isTagged, maxOutputTokens, recent, ...rest }) => ({
      ...rest,
      room: { name: "Room", goal: words },
      pricingVersion: "v1",
      context: { ...defaultContextSettings, maxOutputTokens },
      seed: "",
      responseSchema: null,
      turnIndex: 5,
      window: windowOf(recent.toSorted((left, right) => left.turn_index - right.turn_index)),
      message:
        rest.mode === "manual" || isTagged ? `${rest.agents.map(({ key }) => `@${key}`).join(" ")} ${words}` : words,
    }));

const rounds = fc.integer({ min: 1, max: 5 });
const isInOrder = ({ low, expected, high }: CostRange) => 0n < low && low <= expected && expected <= high;
const heldFor = (steps: readonly DraftStep[]) => steps.reduce((sum, { hold_units }) => sum + BigInt(hold_units), 0n);

/** What all rounds come to hold when each step says its text, planned as the engine does: when a round's last step ends. */
function heldInAll(plan: TurnPlan, first: readonly DraftStep[], texts: readonly string[]): bigint {
  const say = (index: number) => sayingOf(plan, index, texts[index % texts.length] ?? "");
  let [steps, held] = [first, heldFor(first)];
  for (let last = steps.at(-1); last !== undefined; last = steps.at(-1)) {
    const place = { ...last, index: last.step_index };
    const ended = { ...place, agentKey: last.agent_key, isDone: true, result: null };
    const sizes = replySizes(plan, place, { seen: last.sees.map(say), own: say(place.index) });
    steps = nextSteps({ plan, seed: "", ended, steps: [] }, sizes);
    held += heldFor(steps);
  }
  return held;
}

function sayingOf(plan: TurnPlan, index: number, text: string): SaidMessage {
  const roster = rosterOf(plan);
  const { key, name } = roster[index % roster.length] ?? { key: "", name: "" };
  return said({ turn_index: 5, position: index + 1, author: "agent", agent_key: key, agent_name: name, text });
}

describe("any quote", () => {
  it("has low, expected and high in this order, for every agent and in all, as far as prices are known", () => {
    let seen = 0;
    fc.assert(
      fc.property(inputs(seats(fc.oneof({ weight: 4, arbitrary: price }, noPrice)), rounds), (input) => {
        const quote = quoteTurn(input);
        if (quote.kind !== "quoted") return;
        seen += 1;
        const isPriced = new Map(input.agents.map(({ key, multiplier_milli }) => [key, multiplier_milli !== null]));
        isPriced.set(managerKey, input.manager !== null || [...isPriced.values()].includes(true));
        for (const { agentKey, cost } of quote.agents) {
          expect(cost !== null).toBe(isPriced.get(agentKey));
          if (cost !== null) expect([cost, isInOrder(cost)]).toEqual([cost, true]);
        }
        const costs = quote.agents.flatMap(({ cost }) => (cost === null ? [] : [cost]));
        if (costs.length < quote.agents.length) {
          expect([quote.total, quote.startUnits]).toEqual([null, null]);
          return;
        }
        const sum = (of: (cost: CostRange) => bigint) => costs.reduce((total, cost) => total + of(cost), 0n);
        expect(quote.total).toEqual({
          low: sum((c) => c.low),
          expected: sum((c) => c.expected),
          high: sum((c) => c.high),
        });
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  it("begins with what creating the turn holds, and of one round that is the high", () => {
    let seen = 0;
    fc.assert(
      fc.property(inputs(seats(price), rounds), (input) => {
        const [quote, draft] = [quoteTurn(input), draftTurn(input)];
        if (draft.kind === "refused" || draft.oversize !== null) {
          expect(quote.kind).not.toBe("quoted");
          return;
        }
        if (quote.kind !== "quoted") throw new Error(`a turn that can be made is ${quote.kind}`);
        seen += 1;
        expect(quote.startUnits).toBe(heldFor(draft.steps));
        if (input.rounds === 1) expect(quote.total?.high).toBe(heldFor(draft.steps));
        const speakers = draft.plan.summary === null ? rosterOf(draft.plan) : draft.plan.agents;
        expect(quote.agents.map(({ agentKey }) => agentKey)).toEqual(speakers.map(({ key }) => key));
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  it("is never less than what all rounds come to hold, whatever is said", () => {
    const anyTexts = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("&lt;".repeat(5000))), {
      minLength: 1,
    });
    fc.assert(
      fc.property(inputs(seats(price), rounds), anyTexts, (input, texts) => {
        const [quote, draft] = [quoteTurn(input), draftTurn(input)];
        if (draft.kind === "refused" || quote.kind !== "quoted") return;
        const held = heldInAll(draft.plan, draft.steps, texts);
        expect(quote.total?.high).toBeGreaterThanOrEqual(held);
      }),
      { numRuns: 300 },
    );
  });

  it("is refused exactly as creating the turn is", () => {
    fc.assert(
      fc.property(inputs(seats(price), rounds), (input) => {
        const [quote, draft] = [quoteTurn(input), draftTurn(input)];
        if (draft.kind === "refused") expect(quote).toEqual(draft);
        else if (draft.oversize !== null) expect(quote).toMatchObject({ rejection: draft.oversize.rejection });
      }),
    );
  });
});
