import { describe, expect, it } from "vitest";
import { defaultContextSettings } from "../context/settings.ts";
import { agentOf, type TurnPlan } from "./plan.ts";
import { prepareCall, type SaidMessage, windowTokens } from "./window.ts";

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
  version: 2,
  mode: "roundtable",
  rounds: 1,
  room: { name: "Room", goal: "Find out." },
  agents: [agent("ada"), agent("bob", 8192)],
  pricing_version: "v1",
  context: defaultContextSettings,
  most_replies: 2,
};

function said(
  id: string,
  turn_index: number,
  author: SaidMessage["author"],
  text: string,
  key: string | null = null,
): SaidMessage {
  const speaker = { agent_key: key, agent_name: key?.toUpperCase() ?? null };
  const error_type = author === "failed_agent" ? "refused" : null;
  return { id, turn_index, author, ...speaker, error_type, text, tokens: 10, is_pinned: false };
}

const history = [said("a", 1, "user", "Before?"), said("b", 1, "agent", "Before.", "ada")];
const current = [
  said("c", 2, "user", "Now?"),
  said("d", 2, "agent", "Now.", "ada"),
  said("e", 2, "failed_agent", "No.", "cyd"),
];

describe("a call", () => {
  it("is told to its own agent: its words as its own, those of others quoted, failures as failures", () => {
    const { messages, rejected, maxOutputTokens } = prepareCall({
      plan,
      agentKey: "ada",
      turnIndex: 2,
      history,
      current,
      promptBound: null,
    });
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
    expect(messages[2]?.content).toBe("Before.");
    expect(messages.at(-1)?.content).toContain('<error from="CYD" key="cyd" type="refused">No.</error>');
    expect([rejected, maxOutputTokens]).toEqual([null, 2048]);
    const bob = prepareCall({ plan, agentKey: "bob", turnIndex: 2, history, current, promptBound: null });
    expect(bob.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(bob.messages[1]?.content).toContain('<message from="ADA" key="ada">Now.</message>');
    expect(bob.maxOutputTokens).toBe(1638);
  });

  it("is audited by its own model's window and by what went in, in order", () => {
    const { audit } = prepareCall({ plan, agentKey: "bob", turnIndex: 2, history, current, promptBound: null });
    expect(audit).toMatchObject({
      modelAlias: "alias",
      modelContextLimit: 8192,
      inputBudget: 5530,
      includedMessageIds: ["a", "b", "c", "d", "e"],
      isRejected: false,
    });
  });
});

it("reads no more history than the model's input holds", () => {
  expect([windowTokens(plan, "ada"), windowTokens(plan, "bob")]).toEqual([119_552, 5530]);
});

it("knows no agent that the plan has not", () => {
  expect(agentOf(plan, "bob").context_limit).toBe(8192);
  expect(() => agentOf(plan, "zoe")).toThrow("the plan has no agent zoe");
});
