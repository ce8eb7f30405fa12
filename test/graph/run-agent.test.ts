import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { speakForYourself } from "../../src/domain/speaker/check-reply.ts";
import { type AgentResult, runAgent } from "../../src/graph/run-agent.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import type { ModelGateway } from "../../src/ports/model.ts";
import { errorOf } from "../support/error-of.ts";
import { task } from "./agent-kit.ts";
import { apiKey, billed, clock, gatewayTo } from "./gateway-kit.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const ports = () => ({ model: gatewayTo(router.baseUrl), clock });
const lastWords = (index: number) => router.requests()[index]?.messages.at(-1);

describe("a run", () => {
  test("replies with the checked text, its deltas and the one call it made", async () => {
    router.setScript([{ text: "  Because of scattering. " }]);
    const deltas: string[] = [];
    const result = await runAgent(ports(), task({ onDelta: (text) => deltas.push(text) }));
    expect(result).toEqual({
      kind: "replied",
      text: "Because of scattering.",
      result: null,
      flags: [],
      calls: [expect.objectContaining({ status: "ok", usage: billed(router) })],
      toolCalls: [],
    });
    expect(deltas.join("")).toBe("  Because of scattering. ");
  });

  test("flags a reply that goes on as another agent, and keeps the agent's own words", async () => {
    router.setScript([{ text: "I agree.\nBob: So do I." }]);
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ kind: "replied", text: "I agree.", flags: ["continues_as_other"] });
    expect(router.stats().attempts).toBe(1);
  });

  test("may be silent, which is a reply", async () => {
    router.setScript([{ text: "[SILENT]" }]);
    expect(await runAgent(ports(), task())).toMatchObject({
      kind: "replied",
      text: null,
      flags: ["silent"],
      calls: [{}],
    });
  });

  test.each([
    ["rate_limited", { rate_limited: { retry_after_seconds: 9 } }, true],
    ["provider_unavailable", { server_error: {} }, true],
    ["cut_stream", { cut_stream: {} }, true],
    ["refused", { bad_request: {} }, false],
    ["content_filter", { content_filter: {} }, false],
  ] as const)("ends with %s after one call: that is not the model's to repair", async (type, faults, isTransient) => {
    router.setFaults(faults);
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ kind: "failed", failure: { type, isTransient } });
    expect(result.calls).toHaveLength(1);
    expect(router.stats().attempts).toBe(1);
  });
});

describe("a repair", () => {
  test.each([
    ["empty_reply", "Your last reply was empty. Reply again, in words."],
    ["not_json", "Your last reply could not be read. Reply again, in plain text."],
  ] as const)("after %s tells the model what was wrong, and both calls are recorded", async (fault, said) => {
    router.setFaults({ [fault]: { fail_next: 1 } });
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ kind: "replied", calls: [{}, { status: "ok", usage: billed(router, 1) }] });
    expect(result.calls).toHaveLength(2);
    expect(lastWords(0)).toEqual({ role: "user", content: "Why is the sky blue?" });
    expect(lastWords(1)).toEqual({ role: "user", content: `Why is the sky blue?\n\n${said}` });
  });

  test("of a reply in another's name asks for the agent's own, which counts", async () => {
    router.setScript([{ text: "Bob: I think so." }, { text: "I think so." }]);
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ kind: "replied", text: "I think so.", flags: [], calls: [{}, {}] });
    expect(lastWords(1)).toEqual({ role: "user", content: `Why is the sky blue?\n\n${speakForYourself}` });
  });

  test.each([
    ["Bob: I think so.", { kind: "failed", failure: { type: "invalid_reply", isTransient: false } }],
    ["Bob: I think so.\nAda: I doubt it.", { kind: "replied", flags: ["starts_as_other"] }],
  ])("of %j is tried once, and what is the agent's own then counts", async (text, end) => {
    router.setScript([{ text, times: 2 }]);
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ ...end, calls: [{}, {}] });
    expect(router.stats().attempts).toBe(2);
  });

  test("is tried once: a second empty reply is a failure that no retry would mend", async () => {
    router.setFaults({ empty_reply: {} });
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({ kind: "failed", failure: { type: "empty_reply", isTransient: false } });
    expect(result.calls).toMatchObject([{ usage: billed(router, 0) }, { usage: billed(router, 1) }]);
    expect(router.stats().attempts).toBe(2);
  });

  test("that is itself refused ends with that refusal", async () => {
    router.setFaults({ empty_reply: { fail_next: 1 }, rate_limited: { skip: 1, retry_after_seconds: 5 } });
    const result = await runAgent(ports(), task());
    expect(result).toMatchObject({
      kind: "failed",
      failure: { type: "rate_limited", isTransient: true, retryAfterSeconds: 5 },
    });
    expect(result.calls).toMatchObject([{ status: "ok" }, { status: "failed", httpStatus: 429 }]);
  });
});

describe("a run that is out of time", () => {
  test("before its first call makes none, and a later run replies", async () => {
    const first = task({ deadlineAtMs: clock.now().getTime() + 100 });
    const stopped = unfinished(await runAgent(ports(), first));
    expect(stopped.calls).toEqual([]);
    expect(router.stats().attempts).toBe(0);
    const result = await runAgent(ports(), { ...task({ threadId: first.threadId }), checkpoint: stopped.checkpoint });
    expect(result).toMatchObject({ kind: "replied", calls: [{ usage: billed(router) }] });
    expect(router.stats().attempts).toBe(1);
  });

  test("before its repair goes on with the repair alone: no call is made or reported twice", async () => {
    router.setFaults({ empty_reply: { fail_next: 1 } });
    const times = steppingClock(20_000);
    const first = task({ modelTimeoutMs: 10_000, deadlineAtMs: 25_000 });
    const stopped = unfinished(await runAgent({ model: gatewayTo(router.baseUrl), clock: times }, first));
    expect(stopped.calls).toMatchObject([{ usage: billed(router, 0) }]);
    expect(router.stats().attempts).toBe(1);

    const later = { ...task({ threadId: first.threadId }), messages: [], checkpoint: stopped.checkpoint };
    const result = await runAgent(ports(), later);
    expect(result).toMatchObject({ kind: "replied", calls: [{ usage: billed(router, 1) }] });
    expect(result.calls).toHaveLength(1);
    expect(router.stats().attempts).toBe(2);
    expect(lastWords(1)).toMatchObject({ content: expect.stringMatching(/^Why is the sky blue\?\n\nYour last reply/) });
  });

  test("may stop again and again, and its checkpoint does not grow", async () => {
    const first = task({ deadlineAtMs: 0 });
    let checkpoint = unfinished(await runAgent(ports(), first)).checkpoint;
    const length = checkpoint.length;
    for (let time = 0; time < 5; time += 1) {
      checkpoint = unfinished(await runAgent(ports(), { ...first, checkpoint })).checkpoint;
    }
    expect(checkpoint.length).toBeLessThan(length + 500);
    const result = await runAgent(ports(), { ...task({ threadId: first.threadId }), checkpoint });
    expect(result.kind).toBe("replied");
  });

  test("keeps the prompt's every character, NUL and half pairs too", async () => {
    const content = 'a\u0000b\ud800c"\\\u2028é😀';
    const heard: string[] = [];
    const model: ModelGateway = {
      call: async ({ messages }) => {
        heard.push(...messages.map((message) => message.content));
        return { outcome: { kind: "replied", text: "Yes.", finishReason: "stop" }, calls: [] };
      },
    };
    const first = task({ messages: [{ role: "user", content }], deadlineAtMs: 0 });
    const { checkpoint } = unfinished(await runAgent({ model, clock }, first));
    expect(checkpoint).not.toContain("\u0000");
    expect(() => encodeURIComponent(checkpoint)).not.toThrow();
    await runAgent({ model, clock }, { ...task({ threadId: first.threadId }), checkpoint });
    expect(heard).toEqual([content]);
  });
});

describe("a checkpoint that cannot be read", () => {
  test.each([
    ['{"v":99,"tuples":[]}', "The step's checkpoint is of version 99; known: 1."],
    ["{}", "The step's checkpoint is of version none; known: 1."],
    ["rubbish", "The step's checkpoint is not JSON."],
  ])("%s fails with a sentence and no call", async (checkpoint, message) => {
    const error = await errorOf(runAgent(ports(), task({ checkpoint })));
    expect(error).toMatchObject({ name: "PantheonError", code: "internal", message });
    expect(router.stats().attempts).toBe(0);
  });

  test("of another thread is refused", async () => {
    const { checkpoint } = unfinished(await runAgent(ports(), task({ deadlineAtMs: 0 })));
    const error = await errorOf(runAgent(ports(), task({ checkpoint })));
    expect(error).toMatchObject({ code: "internal", message: "The step's checkpoint belongs to another step." });
  });
});

test("fifty runs at once through the one compiled graph keep apart", async () => {
  router.setScript(Array.from({ length: 50 }, (_, n) => ({ text: `Reply ${n}.`, contains: `<${n}>` })));
  router.setFaults({ empty_reply: { contains: "<7>", fail_next: 1 } });
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, n) => runAgent(ports(), task({ messages: [{ role: "user", content: `<${n}>` }] }))),
  );
  expect(results.map((result, n) => [n, result.kind === "replied" && result.text, result.calls.length])).toEqual(
    results.map((_, n) => [n, n === 7 ? expect.any(String) : `Reply ${n}.`, n === 7 ? 2 : 1]),
  );
});

function unfinished(result: AgentResult) {
  if (result.kind !== "unfinished") throw new Error(`expected an unfinished run, not ${result.kind}`);
  return result;
}

/** At zero for the first look, then as late as said. */
function steppingClock(laterMs: number) {
  let looks = 0;
  return {
    now: () => {
      looks += 1;
      return new Date(looks === 1 ? 0 : laterMs);
    },
  };
}
