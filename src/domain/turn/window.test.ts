import { describe, expect, it } from "vitest";
import { said, windowOf } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { maxPromptTokens } from "../meter/bound.ts";
import { agentOf, managerKey, type TurnPlan } from "../plan/plan.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { promptSpareTokens } from "./hold.ts";
import type { SaidMessage } from "./said.ts";
import { buildCall, type CallInput, type PreparedCall, windowTokens } from "./window.ts";

const agent = (key: string, context_limit = 128_000) => ({
  key,
  name: key.toUpperCase(),
  role_prompt: `You are ${key}.`,
  model_alias: "alias",
  provider_model: "maker/model",
  context_limit,
  multiplier_milli: 1000,
  prompt_base: 0,
});
const plan: TurnPlan = {
  version: 3,
  mode: "roundtable",
  rounds: 1,
  room: { name: "Room", goal: "Find out." },
  agents: [agent("ada"), agent("bob", 8192)],
  pricing_version: "v1",
  context: defaultContextSettings,
  most_replies: 2,
};

function saidBy(key: string, told: Partial<SaidMessage>): SaidMessage {
  return said({ author: "agent", agent_key: key, agent_name: key.toUpperCase(), tokens: 10, ...told });
}

const history = [
  said({ id: "a", text: "Before?", tokens: 10 }),
  saidBy("ada", { id: "b", position: 1, text: "Before." }),
];
const current = [
  said({ id: "c", turn_index: 2, text: "Now?", tokens: 10 }),
  saidBy("ada", { id: "d", turn_index: 2, position: 1, text: "Now." }),
  saidBy("cyd", { id: "e", turn_index: 2, position: 2, text: "No.", author: "failed_agent", error_type: "refused" }),
];

function callOf(agentKey: string): CallInput {
  const step = { index: 2, purpose: "agent", agentKey, round: 1, instruction: null } as const;
  return { plan, step, seed: "", turnIndex: 2, window: windowOf(history), current, steps: [], promptBound: null };
}

describe("a call", () => {
  it("is told to its own agent: its words as its own, those of others quoted, failures as failures", () => {
    const { messages, rejected, maxOutputTokens } = buildCall(callOf("ada"));
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
    expect(messages[2]?.content).toBe("Before.");
    expect(messages.at(-1)?.content).toContain('<error from="CYD" key="cyd" type="refused">No.</error>');
    expect([rejected, maxOutputTokens]).toEqual([null, 2048]);
    const bob = buildCall(callOf("bob"));
    expect(bob.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(bob.messages[1]?.content).toContain('<message from="ADA" key="ada">Now.</message>');
    expect(bob.maxOutputTokens).toBe(1638);
  });

  it("is audited by its own model's window and by what went in, in order", () => {
    const { audit } = buildCall(callOf("bob"));
    expect(audit).toMatchObject({
      modelAlias: "alias",
      modelContextLimit: 8192,
      inputBudget: 5530,
      includedMessageIds: ["a", "b", "c", "d", "e"],
      isRejected: false,
    });
  });
});

it("leaves room for the form in what is held for it, when the session grew while the turn was made", () => {
  const manager = agent(managerKey);
  const grown = Array.from({ length: 40 }, (_, place) =>
    said({ id: `h${place}`, turn_index: place + 1, text: "word ".repeat(20) }),
  );
  const step = { index: 0, purpose: "route", agentKey: managerKey, round: 1, instruction: null } as const;
  const managed: TurnPlan = { ...plan, mode: "orchestrator", agents: [...plan.agents, manager] };
  const call = { ...callOf("ada"), plan: managed, step, turnIndex: 41, window: windowOf(grown), current: [] };
  const whole = buildCall(call);
  const sizeOf = ({ messages, format }: PreparedCall) =>
    maxPromptTokens(messages) + utf8Bytes(JSON.stringify(format?.schema)) + promptSpareTokens;
  for (const promptBound of [sizeOf(whole) - 1, sizeOf(whole) - 500, sizeOf(whole) - 2000])
    expect(sizeOf(buildCall({ ...call, promptBound }))).toBeLessThanOrEqual(promptBound);
  expect(buildCall({ ...call, promptBound: sizeOf(whole) }).messages).toEqual(whole.messages);
});

it("reads no more history than the model's input holds", () => {
  expect([windowTokens(plan, "ada"), windowTokens(plan, "bob")]).toEqual([119_552, 5530]);
});

it("knows no agent that the plan has not", () => {
  expect(agentOf(plan, "bob").context_limit).toBe(8192);
  expect(() => agentOf(plan, "zoe")).toThrow("the plan has no agent zoe");
});
