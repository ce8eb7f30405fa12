import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainTurn, said, windowOf } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { maxPromptTokens, maxUnits } from "../meter/bound.ts";
import { agentOf } from "../plan/plan.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { draftTurn, type SeatedAgent } from "./draft.ts";
import { promptSpareTokens } from "./hold.ts";
import { type DraftStep, nextSteps, replySizes } from "./rounds.ts";
import type { SaidMessage } from "./said.ts";
import { buildCall } from "./window.ts";

/** Texts that grow most when they are quoted, beside plain ones and whole alphabets. */
const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 100 }),
  fc
    .array(fc.constantFrom("<", "&", "&lt;", "</message>", '"', "あ", "💡", "word "), { maxLength: 4000 })
    .map((parts) => parts.join("")),
);
const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 120 }),
  fc.constant('"'.repeat(120)),
  fc.constant("💡".repeat(60)),
);
const keys = ["ada", "bob", "cyd"] as const;

const seat = (key: string, agentName: string, limit: number): SeatedAgent => ({
  key,
  name: agentName,
  role_prompt: `You are ${key}.`,
  model_alias: "alias",
  provider_model: "maker/model",
  context_limit: limit,
  multiplier_milli: 1000,
});

interface Said {
  readonly author: SaidMessage["author"];
  readonly key: string;
  readonly name: string;
  readonly text: string;
}

const anySaid: fc.Arbitrary<Said> = fc.record({
  author: fc.constantFrom("user", "agent", "failed_agent"),
  key: fc.constantFrom(...keys),
  name,
  text,
});
const reply = fc.tuple(text, fc.constantFrom(1, 1, 40, 400)).map(([words, times]) => words.repeat(times));
const scene = fc.record({
  mode: fc.constantFrom("roundtable" as const, "manual" as const),
  names: fc.tuple(name, name, name),
  limit: fc.constantFrom(8192, 128_000, 1_000_000),
  history: fc.array(anySaid, { maxLength: 8 }),
  // With a tag of nobody's there would be no turn.
  message: text.map((words) => words.replaceAll("@", "at ")),
  replies: fc.array(fc.record({ text: reply, isFailed: fc.boolean() }), { minLength: 6, maxLength: 6 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

function toSaid(each: Said, index: number): SaidMessage {
  const isUser = each.author === "user";
  return said({
    id: `m${index}`,
    turn_index: index + 1,
    author: each.author,
    agent_key: isUser ? null : each.key,
    agent_name: isUser ? null : each.name,
    error_type: each.author === "failed_agent" ? "provider_unavailable" : null,
    text: each.text,
    tokens: Math.ceil(each.text.length / 4) + 1,
  });
}

/** As the database's generated column counts it. */
function boundTokens({ text: words, agent_name, agent_key, error_type }: SaidMessage): number {
  const escaped = utf8Bytes(words.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
  return escaped + 6 * utf8Bytes(agent_name ?? "") + utf8Bytes(agent_key ?? "") + 6 * utf8Bytes(error_type ?? "") + 64;
}

function draftOf({ mode, names, limit, message }: Scene, history: readonly SaidMessage[]) {
  const draft = draftTurn({
    room: { name: "Room", goal: "A goal." },
    mode,
    rounds: 2,
    agents: keys.map((key, place) => seat(key, names[place] ?? key, limit)),
    pricingVersion: "v1",
    context: defaultContextSettings,
    turnIndex: history.length + 1,
    ...plainTurn,
    window: windowOf(history),
    history: { ...plainTurn.history, boundTokens: history.reduce((sum, each) => sum + boundTokens(each), 0) },
    message: `@ada @bob @cyd ${message}`,
  });
  if (draft.kind === "refused") throw new Error(draft.message);
  return draft;
}

interface PlayedStep {
  readonly step: DraftStep;
  readonly promptTokens: number;
  readonly maxUnits: bigint;
  readonly isCutToHold: boolean;
}

/** The turn as the engine plays it: each step sees what it may, says its reply, and the last of a round plans the next. */
function play(drawn: Scene): readonly PlayedStep[] {
  const history = drawn.history.map(toSaid);
  const turnIndex = history.length + 1;
  const { plan, steps: first } = draftOf(drawn, history);
  const own = toSaid({ author: "user", key: "ada", name: "", text: `@ada @bob @cyd ${drawn.message}` }, turnIndex - 1);
  const spoken: SaidMessage[] = [];
  const played: PlayedStep[] = [];
  const queue = [...first];
  for (const step of queue) {
    const current = [own, ...step.sees.flatMap((place) => spoken[place] ?? [])];
    const agent = agentOf(plan, step.agent_key);
    const planned = { ...step, index: step.step_index, agentKey: agent.key };
    const input = { plan, step: planned, seed: "", turnIndex, window: windowOf(history), current, steps: [] };
    const call = buildCall({ ...input, promptBound: step.prompt_bound });
    const promptTokens = maxPromptTokens(call.messages) + promptSpareTokens;
    const used = {
      promptTokens: Math.min(promptTokens, agent.context_limit),
      outputTokens: call.maxOutputTokens,
      multiplierMilli: agent.multiplier_milli,
    };
    const isCutToHold = call.audit.cuts.some(({ rule }) => rule === "over_hold");
    played.push({ step, promptTokens, maxUnits: maxUnits(used), isCutToHold });
    const { text: words = "", isFailed = false } = drawn.replies[step.step_index] ?? {};
    const author = isFailed ? "failed_agent" : "agent";
    const spoke = toSaid({ author, key: agent.key, name: agent.name, text: words }, turnIndex - 1);
    const outcome = { ...spoke, position: planned.index + 1 };
    spoken.push(outcome);
    const ended = { ...planned, isDone: !isFailed, result: null };
    if (step === queue.at(-1))
      queue.push(
        ...nextSteps({ plan, seed: "", ended, steps: [] }, replySizes(plan, planned, { seen: current, own: outcome })),
      );
  }
  return played;
}

describe("what is held for a step", () => {
  it("covers its prompt, whoever said what before it and however much is said in its turn", () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const played = play(drawn);
        expect(played).toHaveLength(6);
        for (const { step, promptTokens, maxUnits: units, isCutToHold } of played) {
          expect(promptTokens).toBeLessThanOrEqual(step.prompt_bound ?? Number.POSITIVE_INFINITY);
          expect(units <= BigInt(step.hold_units)).toBe(true);
          expect(isCutToHold).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("keeps a prompt within it also when the session grew meanwhile, oldest history first and the turn itself whole", () => {
    const late = (id: string, words: string, is_pinned = false): SaidMessage => ({
      ...toSaid({ author: "user", key: "ada", name: "", text: words }, 0),
      id,
      is_pinned,
    });
    const draft = draftTurn({
      room: { name: "Room", goal: "" },
      mode: "roundtable",
      rounds: 1,
      agents: [seat("ada", "Ada", 128_000)],
      pricingVersion: "v1",
      context: defaultContextSettings,
      turnIndex: 5,
      ...plainTurn,
      history: { ...plainTurn.history, boundTokens: 600 },
      message: "Now?",
    });
    if (draft.kind === "refused") throw new Error(draft.message);
    const step = draft.steps[0];
    const history = [late("pinned", "p".repeat(300), true), late("old", "o".repeat(400)), late("new", "n".repeat(200))];
    const current = [{ ...late("now", "Now?"), turn_index: 5 }];
    const planned = { index: 0, purpose: "agent", agentKey: "ada", round: 1, instruction: null } as const;
    const input = { plan: draft.plan, step: planned, seed: "", turnIndex: 5, window: windowOf(history), current };
    const call = buildCall({ ...input, steps: [], promptBound: step?.prompt_bound ?? 0 });
    expect(call.audit.cuts).toEqual([{ messageId: "old", rule: "over_hold" }]);
    expect(call.audit.includedMessageIds).toEqual(["pinned", "new", "now"]);
    expect(maxPromptTokens(call.messages) + promptSpareTokens).toBeLessThanOrEqual(step?.prompt_bound ?? 0);
  });
});
