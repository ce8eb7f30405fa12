import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { maxPromptTokens } from "../../src/domain/meter/bound.ts";
import type { ReadReply } from "../../src/domain/modes/purpose-rules.ts";
import { promptSpareTokens } from "../../src/domain/turn/hold.ts";
import type { AgentTask } from "../../src/graph/agent-state.ts";
import { runAgent } from "../../src/graph/run-agent.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { task } from "./agent-kit.ts";
import { apiKey, billed, clock, gatewayTo, request } from "./gateway-kit.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const schema = {
  type: "object",
  properties: { choice: { type: "string", enum: ["yes", "no"] } },
  required: ["choice"],
  additionalProperties: false,
};

function readChoice(value: unknown): ReadReply {
  const isObject = typeof value === "object" && value !== null && "choice" in value;
  if (!isObject || typeof value.choice !== "string") return { kind: "invalid", fault: "It has no choice." };
  return { kind: "read", result: { kind: "structured", value }, text: `I choose ${value.choice}.` };
}

const ports = () => ({ model: gatewayTo(router.baseUrl), clock });
const vote = (changes: Partial<AgentTask> = {}) =>
  task({ format: { name: "vote", schema }, readReply: readChoice, ...changes });
const lastWords = (index: number) => router.requests()[index]?.messages.at(-1)?.content;
const chosen = { kind: "replied", text: "I choose yes.", result: { kind: "structured", value: { choice: "yes" } } };

describe("a structured reply", () => {
  test("is asked for on the wire, streamed and metered, and told to nobody while it is made", async () => {
    router.setScript([{ json: { choice: "yes" } }]);
    const deltas: string[] = [];
    const result = await runAgent(ports(), vote({ onDelta: (text) => deltas.push(text) }));
    expect(result).toEqual({
      ...chosen,
      flags: [],
      calls: [expect.objectContaining({ status: "ok", finishReason: "stop", usage: billed(router) })],
      toolCalls: [],
    });
    expect(deltas).toEqual([]);
    expect(router.requests()[0]).toMatchObject({
      stream: true,
      body: { response_format: { type: "json_schema", json_schema: { name: "vote", strict: true, schema } } },
    });
  });

  test("of a schema that is not closed is not claimed to be strict", async () => {
    const open = { ...schema, additionalProperties: true };
    await ports().model.call(request({ format: { name: "open", schema: open } }));
    expect(router.requests()[0]?.body).toMatchObject({
      response_format: { json_schema: { strict: false, schema: open } },
    });
  });

  test("in plain words has no format on the wire", async () => {
    await runAgent(ports(), task());
    expect(router.requests()[0]?.body).not.toHaveProperty("response_format");
  });

  test.each(['```json\n{"choice":"yes"}\n```', ' \n{"choice":"yes"}\n'])(
    "is read from %j in one call",
    async (text) => {
      router.setScript([{ text }]);
      expect(await runAgent(ports(), vote())).toMatchObject(chosen);
      expect(router.stats().attempts).toBe(1);
    },
  );

  test("may say nothing aloud", async () => {
    router.setScript([{ json: {} }]);
    const readReply = () => ({ kind: "read", result: null, text: null }) as const;
    expect(await runAgent(ports(), vote({ readReply }))).toMatchObject({ kind: "replied", text: null, result: null });
  });

  test("is estimated with the schema that was sent when the provider counts nothing", async () => {
    router.setFaults({ usage_missing: {} });
    const messages = request().messages;
    const plain = await ports().model.call(request({ messages }));
    const formed = await ports().model.call(request({ messages, format: { name: "vote", schema } }));
    const tokens = [plain, formed].map(({ calls }) => Number(calls[0]?.usage.freshTokens));
    expect(tokens[1]).toBeGreaterThan((tokens[0] ?? 0) + JSON.stringify(schema).length / 8);
  });
});

describe("a reply that cannot be read", () => {
  const rules = "Reply again, with nothing but JSON in the form that was asked for.";
  const wrong = (fault: string) =>
    `Why is the sky blue?\n\nYour last reply could not be used. What was wrong: ${fault}\n${rules}`;

  test.each([
    ["prose", { text: "I would say yes." }, "It is not one JSON value."],
    ["another form", { json: { answer: 1 } }, "It has no choice."],
    [
      "a cut one",
      { text: '{"choice":"ye', finish_reason: "length" },
      "It is not one JSON value. It was longer than a reply may be, and its end is missing: be shorter.",
    ],
  ] as const)("(%s) is told to the model, whose second one counts", async (_, garbage, fault) => {
    router.setScript([garbage, { json: { choice: "yes" } }]);
    const result = await runAgent(ports(), vote());
    expect(result).toMatchObject({ ...chosen, calls: [{ usage: billed(router, 0) }, { usage: billed(router, 1) }] });
    expect(lastWords(1)).toBe(wrong(fault));
    expect(router.requests()[1]?.body).toMatchObject({ response_format: { type: "json_schema" } });
  });

  test("twice ends unreadable with the last fault and both calls", async () => {
    router.setScript([{ text: "Hm." }, { json: { answer: 1 } }]);
    const result = await runAgent(ports(), vote());
    expect(result).toMatchObject({ kind: "unreadable", fault: "It has no choice.", calls: [{}, {}] });
    expect(router.stats().attempts).toBe(2);
  });

  test("tells no more of a fault than what is held for a prompt has room for", async () => {
    router.setScript([{ json: {} }, { json: {} }]);
    const readReply = () => ({ kind: "invalid", fault: "漢".repeat(50_000) }) as const;
    const result = await runAgent(ports(), vote({ readReply }));
    expect(result).toMatchObject({ kind: "unreadable", fault: "漢".repeat(85) });
    const [before, after] = [0, 1].map((index) => maxPromptTokens([{ content: String(lastWords(index)) }]));
    expect(after).toBeLessThan((before ?? 0) + promptSpareTokens - 64);
  });

  test("that is empty is asked for again as JSON, and twice is a failure", async () => {
    router.setFaults({ empty_reply: {} });
    const result = await runAgent(ports(), vote());
    expect(result).toMatchObject({ kind: "failed", failure: { type: "empty_reply", isTransient: false } });
    expect(lastWords(1)).toBe(`Why is the sky blue?\n\nYour last reply was empty. ${rules}`);
    expect(router.stats().attempts).toBe(2);
  });

  test("before time runs out is mended by a later run, which makes the one call that is left", async () => {
    router.setScript([{ text: "Hm." }, { json: { choice: "yes" } }]);
    let looks = 0;
    const late = { now: () => new Date(looks++ === 0 ? 0 : 20_000) };
    const first = vote({ modelTimeoutMs: 10_000, deadlineAtMs: 25_000 });
    const stopped = await runAgent({ ...ports(), clock: late }, first);
    if (stopped.kind !== "unfinished") throw new Error(`expected an unfinished run, not ${stopped.kind}`);
    const { checkpoint } = stopped;
    const result = await runAgent(ports(), vote({ threadId: first.threadId, messages: [], checkpoint }));
    expect(result).toMatchObject({ ...chosen, calls: [{ usage: billed(router, 1) }] });
    expect(lastWords(1)).toBe(wrong("It is not one JSON value."));
  });
});
