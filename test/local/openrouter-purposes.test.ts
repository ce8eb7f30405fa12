import { describe, expect, it } from "vitest";
import * as z from "zod";
import { contextBudget } from "../../src/domain/context/budget.ts";
import type { RegisterEntry } from "../../src/domain/memory/entry.ts";
import { planChunk } from "../../src/domain/memory/plan-chunk.ts";
import { readSummary } from "../../src/domain/memory/read-summary.ts";
import { labelsFor } from "../../src/domain/modes/anonymity.ts";
import { rulesByPurpose, type TurnPurpose } from "../../src/domain/modes/purpose.ts";
import type { TaskInput } from "../../src/domain/modes/purpose-rules.ts";
import { agentOf, managerKey } from "../../src/domain/plan/plan.ts";
import { buildPrompt } from "../../src/domain/speaker/build-prompt.ts";
import { readScene } from "../../src/local/openrouter/actor/scene.ts";
import { draftReply } from "../../src/local/openrouter/reply.ts";
import { ChatRequest } from "../../src/local/openrouter/wire.ts";
import { seated, taskInput } from "../fixtures/task-input.ts";

const question = "Should we move our billing to usage-based pricing?";
const noFaults = {};

/** What the engine would send for such a step: after an earlier turn the question, then what was answered. */
function askedOf(input: TaskInput, asked = question): ChatRequest {
  const { plan, step } = input;
  const self = agentOf(plan, step.agentKey);
  const rules = rulesByPurpose[step.purpose === "summarize" ? "agent" : step.purpose];
  const format = rules.format(input);
  const by = (key: string) => ({ kind: "agent", key, name: key.toUpperCase() }) as const;
  const answers = seated.filter((key) => key !== self.key);
  const messages = buildPrompt({
    self,
    roomName: "Room",
    roomGoal: "",
    rolePrompt: "",
    ...(self.key === managerKey ? { manages: seated.map((key) => ({ key, name: key.toUpperCase() })) } : {}),
    messages: [
      { author: { kind: "user" }, text: "What about the offsite in Lisbon?" },
      { author: by(answers[0] ?? ""), text: "Lisbon is warm." },
      { author: { kind: "user" }, text: asked },
      ...answers.map((key) => ({ id: `of ${key}`, author: by(key), text: `${key} would begin with ten customers.` })),
    ],
    task: rules.task(input),
    labelById: labelsFor(input),
  });
  return ChatRequest.parse({
    model: "openai/gpt-4o-mini",
    messages,
    ...(format === null ? {} : { response_format: { type: "json_schema", json_schema: format } }),
  });
}

function inputOf(purpose: TurnPurpose, agentKey: string, changes: Partial<TaskInput["step"]> = {}): TaskInput {
  const input = taskInput(purpose, agentKey);
  return { ...input, step: { ...input.step, ...changes } };
}

const reply = (input: TaskInput, asked = question) => draftReply(askedOf(input, asked), undefined, noFaults).text;

const steps: readonly (readonly [string, TaskInput])[] = [
  ["an agent", inputOf("agent", "ada")],
  [
    "an agent that is told what to do",
    inputOf("agent", "ada", { instruction: "Look for <the> costs.\n\nAll of them." }),
  ],
  ["who routes", inputOf("route", managerKey)],
  ["who judges", inputOf("evaluate", managerKey)],
  ["who sums up", inputOf("synthesize", managerKey)],
  ["who ranks", inputOf("rank", "ada")],
  ["who votes", inputOf("vote", "ada")],
];

describe("what the model stand-in makes of the engine's prompts", () => {
  it.each(steps)("is the user's newest words as the question, whatever is asked of %s", (_who, input) => {
    expect(readScene(askedOf(input)).question).toBe(question);
    expect(readScene(askedOf(input, "@ada @bob Plan the launch.")).question).toBe("Plan the launch.");
  });

  it("is another answer for another instruction", () => {
    const told = inputOf("agent", "ada", { instruction: "Look for the costs." });
    expect(reply(told)).not.toBe(reply(inputOf("agent", "ada")));
  });

  it("assigns agents of the form, whatever is said of others", () => {
    const { response_format } = askedOf(inputOf("route", managerKey));
    const schema = JSON.parse(JSON.stringify(response_format).replaceAll('"ada","bob"', '"zoe"'));
    const asked = { ...askedOf(inputOf("route", managerKey)), response_format: schema };
    expect(draftReply(asked, undefined, noFaults).text).toContain('"agent_key":"zoe"');
  });

  it.each(["agent", "synthesize"] as const)("is words about the question and to who spoke: %s", (purpose) => {
    const text = reply(inputOf(purpose, purpose === "agent" ? "ada" : managerKey));
    expect(text).toContain("usage-based pricing");
    expect(text).toMatch(/BOB|CYD|DAN/);
    expect(text).not.toMatch(/from what the agents|user message|your turn/i);
  });
});

const questions = Array.from({ length: 12 }, (_, index) => `${question} Case ${index}.`);

describe("what it answers in the engine's forms", () => {
  it.each(steps.filter(([, { step }]) => step.purpose !== "agent" && step.purpose !== "synthesize"))(
    "can be read at once, and is the same again: %s",
    (_who, input) => {
      const rules = rulesByPurpose[input.step.purpose === "summarize" ? "agent" : input.step.purpose];
      const results = questions.map((asked) => rules.read(JSON.parse(reply(input, asked)), input));
      expect(results.map(({ kind }) => kind)).toEqual(questions.map(() => "read"));
      expect(questions.map((asked) => rules.read(JSON.parse(reply(input, asked)), input))).toEqual(results);
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBeGreaterThan(1);
    },
  );

  it("goes on in some cases, and finishes in others", () => {
    const Verdict = z.object({ verdict: z.string() });
    const verdicts = questions.map(
      (asked) => Verdict.parse(JSON.parse(reply(inputOf("evaluate", managerKey), asked))).verdict,
    );
    expect(new Set(verdicts)).toEqual(new Set(["continue", "finish"]));
  });

  it("prefers answers by what they say, not by their labels", () => {
    const Ranked = z.object({ ranking: z.array(z.string()) });
    const best = ["one", "two", "three", "four"].map((seed) => {
      const input = { ...inputOf("rank", "ada"), seed };
      const { ranking } = Ranked.parse(JSON.parse(reply(input)));
      return [...labelsFor(input)].find(([, label]) => label === ranking[0])?.[0];
    });
    expect(new Set(best).size).toBe(1);
  });
});

const entry = (id: string, kind: RegisterEntry["kind"], text: string): RegisterEntry => ({
  id,
  kind,
  text,
  author_key: null,
  status: "open",
  source_message_ids: [],
  is_pinned: false,
  order: 1,
});

describe("the minutes that it takes", () => {
  const said = (position: number, agent_key: string | null, text: string) => ({
    id: `of ${position}`,
    turn_index: 1,
    position,
    author: agent_key === null ? ("user" as const) : ("agent" as const),
    agent_key,
    agent_name: agent_key?.toUpperCase() ?? null,
    error_type: null,
    text,
    from_offset: 0,
    length: [...text].length,
  });
  const chunk = planChunk({
    room: { name: "Room", goal: "" },
    previous: null,
    entries: [entry("e1", "question", "Who books the large hall in Lisbon?")],
    messages: [
      said(0, null, "Decision: we launch on 3 May. What does the <hall> cost?"),
      said(1, "ada", "The large hall in Lisbon costs 900 euros. Ada will book it by Friday."),
    ],
    has_more: false,
    through_turn_index: 1,
    budget: contextBudget({ modelLimit: 128_000, maxOutput: 2048 }),
    tokenCount: (text) => text.length,
  });
  const request = ChatRequest.parse({
    model: "openai/gpt-4o-mini",
    messages: chunk.promptMessages,
    response_format: { type: "json_schema", json_schema: chunk.format },
  });

  it("hold what was said, each with the message that it is from", () => {
    const minutes: unknown = JSON.parse(draftReply(request, undefined, noFaults).text);
    expect(minutes).toEqual({
      text: expect.stringMatching(/User said: .*ADA said: /),
      key_facts: [{ text: "The large hall in Lisbon costs 900 euros.", sources: ["m2"] }],
      decisions: [{ text: "Decision: we launch on 3 May.", sources: ["m1"] }],
      open_questions: [{ text: "What does the <hall> cost?", sources: ["m1"] }],
      action_items: [{ text: "Ada will book it by Friday.", sources: ["m2"] }],
      resolved: [],
    });
    expect(readSummary(minutes, chunk).kind).toBe("read");
  });
});
