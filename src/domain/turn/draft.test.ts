import { expect, it } from "vitest";
import { plainTurn, said, windowOf } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { type DraftInput, draftTurn, type SeatedAgent } from "./draft.ts";

function seat(key: string, changes: Partial<SeatedAgent> = {}): SeatedAgent {
  return {
    key,
    name: key.toUpperCase(),
    role_prompt: `You are ${key}.`,
    model_alias: "wide",
    provider_model: "maker/wide",
    context_limit: 128_000,
    multiplier_milli: 1000,
    ...changes,
  };
}

function draft(changes: Partial<DraftInput> = {}) {
  return draftTurn({
    room: { name: "Room", goal: "" },
    mode: "roundtable",
    rounds: 1,
    agents: [seat("ada"), seat("bob")],
    pricingVersion: "v1",
    context: defaultContextSettings,
    turnIndex: 1,
    ...plainTurn,
    message: "Hello",
    ...changes,
  });
}

function drafted(changes: Partial<DraftInput> = {}) {
  const made = draft(changes);
  if (made.kind === "refused") throw new Error(made.message);
  return made;
}

it("snapshots who speaks, with prompts, models and prices", () => {
  const { plan } = drafted({ message: "Only @bob", rounds: 2 });
  const { model_alias, provider_model, context_limit, multiplier_milli } = seat("ada");
  const manager = {
    key: "@manager",
    name: "Manager",
    role_prompt: "",
    model_alias,
    provider_model,
    context_limit,
    multiplier_milli,
  };
  expect(plan).toEqual({
    version: 3,
    mode: "roundtable",
    rounds: 2,
    room: { name: "Room", goal: "" },
    agents: [
      { ...seat("bob"), prompt_base: expect.any(Number) },
      { ...manager, token_ratios: null, prompt_base: expect.any(Number) },
    ],
    pricing_version: "v1",
    context: defaultContextSettings,
    summary: null,
    response_schema: null,
    most_replies: 2,
  });
});

it("counts for each step what it waits for, and names those that wait for it", () => {
  const { steps } = drafted({ rounds: 2 });
  expect(steps.map((step) => [step.agent_key, step.round, step.waiting_on, step.unblocks, step.sees])).toEqual([
    ["ada", 1, 0, [1], []],
    ["bob", 1, 1, [], [0]],
  ]);
});

it("keeps for each step how much history its own model can read", () => {
  const { steps } = drafted({ agents: [seat("ada"), seat("bob", { context_limit: 8192 })] });
  expect(steps.map((step) => step.window_tokens)).toEqual([128_000 - 2048 - 6400, 5530]);
});

it("refuses an agent without a price, and only one that is to speak", () => {
  const unpriced = seat("bob", {
    model_alias: "gone",
    provider_model: null,
    context_limit: null,
    multiplier_milli: null,
  });
  const agents = [seat("ada"), unpriced];
  expect(draft({ agents })).toMatchObject({ kind: "refused", code: "model_unavailable" });
  expect(draft({ agents, message: "@ada" })).toMatchObject({ kind: "drafted" });
});

it("says of a message that is too large for one agent what each call would have been", () => {
  const agents = [seat("ada"), seat("bob", { context_limit: 2048 })];
  const { oversize } = drafted({ agents, message: "x".repeat(4000), rounds: 3 });
  expect(oversize?.rejection).toMatchObject({ input_budget: 615, model_context_limit: 2048 });
  expect(oversize?.audits.map(({ step_index, agent_key, audit }) => [step_index, agent_key, audit.isRejected])).toEqual(
    [
      [0, "ada", false],
      [1, "bob", true],
    ],
  );
});

it("counts the recent turns, which are never cut, against the window", () => {
  const window = windowOf([said({ text: "long ago ".repeat(100), tokens: 600 })]);
  const agents = [seat("ada", { context_limit: 2048 })];
  expect(drafted({ agents, turnIndex: 2 }).oversize).toBeNull();
  expect(drafted({ agents, turnIndex: 2, window }).oversize).not.toBeNull();
});
