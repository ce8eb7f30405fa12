import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentTask } from "../../src/graph/agent-state.ts";
import type { AgentTool } from "../../src/graph/agent-tool.ts";
import { type AgentResult, runAgent } from "../../src/graph/run-agent.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { task } from "./agent-kit.ts";
import { apiKey, gatewayTo } from "./gateway-kit.ts";
import { expectKind, type Mailer, mailer } from "./tool-kit.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const workMs = 10_000;
const mail = (to: string) => ({ name: "send_mail", arguments: { to } });
const script = [
  { text: "I begin.", tool_calls: [mail("Ada"), mail("Bob")] },
  { text: "" },
  { tool_calls: [mail("Cyd")] },
  { text: "All is sent." },
];

/** A world in which every call of a model and of a tool takes ten seconds. */
function createWorld(tool: (changes: Partial<AgentTool>) => Mailer = mailer) {
  let nowMs = 0;
  const model = gatewayTo(router.baseUrl);
  const work = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    nowMs += workMs;
    return result;
  };
  const ports = {
    model: { call: (...args: Parameters<typeof model.call>) => work(model.call(...args)) },
    clock: { now: () => new Date(nowMs) },
  };
  const plain = tool({ requiresApproval: false, timeoutMs: workMs });
  const slow: AgentTool = { ...plain, run: (given, callId) => work(plain.run(given, callId)) };
  const run = (threadId: string, units: number, changes: Partial<AgentTask> = {}) =>
    runAgent(
      ports,
      task({ threadId, tools: [slow], modelTimeoutMs: workMs, deadlineAtMs: nowMs + units * workMs, ...changes }),
    );
  return { run, sent: plain.sent };
}

describe("a run with tools that is stopped", () => {
  test("anywhere goes on there: whatever fits into a run, all is done once and in order", async () => {
    for (const units of [1, 2, 3, 4, 5, 6, 7]) {
      router.reset();
      router.setScript(script);
      const { run, sent } = createWorld();
      const threadId = crypto.randomUUID();
      const results: AgentResult[] = [await run(threadId, units)];
      for (let last = results[0]; last?.kind === "unfinished"; last = results.at(-1)) {
        const checkpoint: string = JSON.parse(JSON.stringify(last.checkpoint));
        results.push(await run(threadId, units, { checkpoint, messages: [] }));
      }
      expect(results).toHaveLength(Math.ceil(7 / units));
      expect(results.at(-1)).toMatchObject({ kind: "replied", text: "All is sent." });
      expect(sent).toEqual([{ to: "Ada" }, { to: "Bob" }, { to: "Cyd" }]);
      expect(results.flatMap(({ toolCalls }) => toolCalls).map(({ latencyMs }) => latencyMs)).toEqual([
        workMs,
        workMs,
        workMs,
      ]);
      expect(results.flatMap(({ calls }) => calls)).toHaveLength(4);
      expect(router.stats().attempts).toBe(4);
      expect(
        router
          .requests()
          .at(-1)
          ?.messages.map(({ role }) => role),
      ).toEqual([...["system", "user", "assistant", "tool", "tool", "user", "assistant", "tool"]]);
    }
  });

  test("does not begin a tool for which there is no time, nor hold up one that takes none", async () => {
    router.setScript(script);
    const { run, sent } = createWorld();
    expect(await run("slow", 1)).toMatchObject({ kind: "unfinished", toolCalls: [] });
    expect(sent).toEqual([]);
    router.setScript(script);
    const quick = mailer({ requiresApproval: false });
    expect(await run("quick", 1, { tools: [quick] })).toMatchObject({ kind: "unfinished", toolCalls: [{}, {}] });
  });

  test.each([
    ["rate_limited", { rate_limited: { skip: 1, fail_next: 1, retry_after_seconds: 3 } }],
    ["cut_stream", { cut_stream: { skip: 1, fail_next: 1, after_chunks: 1 } }],
    ["provider_unavailable", { server_error: { skip: 1, fail_next: 1 } }],
  ] as const)("by %s keeps what its tools did", async (type, faults) => {
    router.setScript([
      { tool_calls: [mail("Ada")] },
      { text: "Lost.", contains: "never" },
      { text: "Sent.", times: 2 },
    ]);
    router.setFaults(faults);
    const { run, sent } = createWorld();
    const failed = expectKind(await run("t", 100), "failed");
    expect(failed).toMatchObject({
      failure: { type, isTransient: true },
      toolCalls: [{ status: "ok" }],
      calls: [{}, {}],
    });
    const result = await run("t", 100, { checkpoint: failed.checkpoint });
    expect(result).toMatchObject({ kind: "replied", text: "Sent.", toolCalls: [], calls: [{}] });
    expect(sent).toEqual([{ to: "Ada" }]);
  });

  test("by a refusal, or before anything was done, has nothing to go on from", async () => {
    router.setScript([{ tool_calls: [mail("Ada")] }]);
    router.setFaults({ bad_request: { skip: 1 } });
    const { run } = createWorld();
    expect(await run("refused", 100)).toMatchObject({ kind: "failed", failure: { type: "refused" }, checkpoint: null });
    router.setFaults({ rate_limited: { retry_after_seconds: 1 } });
    expect(await run("at once", 100)).toMatchObject({ kind: "failed", checkpoint: null, toolCalls: [] });
  });
});

test("a checkpoint of the build before tools is read", async () => {
  const { run } = createWorld();
  const { checkpoint } = expectKind(await run("old", 0, { tools: [] }), "unfinished");
  const result = await run("old", 100, { checkpoint: withoutChannels(checkpoint, ["replies", "asked", "pending"]) });
  expect(result).toMatchObject({ kind: "replied", calls: [{ status: "ok" }] });
});

function withoutChannels(checkpoint: string, channels: readonly string[]): string {
  const isKept = (key: string) => !channels.includes(JSON.parse(key)[0]);
  const text = JSON.parse(checkpoint);
  for (const tuple of text.tuples) {
    tuple.values = tuple.values.filter(({ key }: { key: string }) => isKept(key));
    tuple.checkpoint.valueKeys = tuple.checkpoint.valueKeys.filter(isKept);
    const body = JSON.parse(tuple.checkpoint.checkpoint);
    for (const channel of channels) delete body.channel_versions[channel];
    tuple.checkpoint.checkpoint = JSON.stringify(body);
  }
  return JSON.stringify(text);
}
