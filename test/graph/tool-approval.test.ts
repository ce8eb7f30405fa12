import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentTask } from "../../src/graph/agent-state.ts";
import { runAgent } from "../../src/graph/run-agent.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { task } from "./agent-kit.ts";
import { apiKey, billed, clock, gatewayTo } from "./gateway-kit.ts";
import { builtIns, expectKind, type Mailer, mailer } from "./tool-kit.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const ports = () => ({ model: gatewayTo(router.baseUrl), clock });
const mail = (to: string, id?: string) => ({
  name: "send_mail",
  arguments: { to },
  ...(id === undefined ? {} : { id }),
});
const calculate = { name: "calculator", arguments: { expression: "1 + 1" } };
const lastContent = () => String(router.requests().at(-1)?.messages.at(-1)?.content);

/** Runs until a person has to decide; what follows is run as if by another process. */
async function untilAsked(tool: Mailer, script: Parameters<OpenRouter["setScript"]>[0]) {
  router.setScript(script);
  const first = task({ tools: [...builtIns, tool] });
  const stopped = expectKind(await runAgent(ports(), first), "awaiting_approval");
  const next = (changes: Partial<AgentTask>) =>
    task({ threadId: first.threadId, messages: [], tools: first.tools, checkpoint: stopped.checkpoint, ...changes });
  return { stopped, next, id: stopped.awaited[0]?.id ?? "" };
}

describe("a call that needs approval", () => {
  test("stops the run, tells what it would do and does nothing", async () => {
    const tool = mailer();
    const { stopped } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }]);
    expect(stopped.awaited).toEqual([{ id: expect.any(String), tool: "send_mail", arguments: { to: "Bob" } }]);
    expect(stopped).toMatchObject({ calls: [{ usage: billed(router) }], toolCalls: [] });
    expect(tool.sent).toEqual([]);
  });

  test("once approved is made, and no model call is repeated", async () => {
    const tool = mailer();
    const { next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }, { text: "Sent." }]);
    const result = await runAgent(ports(), next({ approvals: { [id]: "approved" } }));
    expect(result).toMatchObject({ kind: "replied", text: "Sent.", calls: [{ usage: billed(router, 1) }] });
    expect(result.toolCalls).toMatchObject([{ id, name: "send_mail", status: "ok", arguments: '{"to":"Bob"}' }]);
    expect(tool.sent).toEqual([{ to: "Bob" }]);
    expect(router.stats().attempts).toBe(2);
  });

  test("is made again under its id by a run that does not know that it was made", async () => {
    const ids: string[] = [];
    const tool = mailer({ run: async (_, callId) => ({ kind: "ok", text: `sent ${ids.push(callId)}` }) });
    const { next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }, { text: "Sent." }, { text: "Sent." }]);
    await runAgent(ports(), next({ approvals: { [id]: "approved" } }));
    await runAgent(ports(), next({ approvals: { [id]: "approved" } }));
    expect(ids).toEqual([id, id]);
  });

  test("once denied is never made, and the model is told", async () => {
    const tool = mailer();
    const { next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }, { text: "Then not." }]);
    const result = await runAgent(ports(), next({ approvals: { [id]: "denied" } }));
    expect(result).toMatchObject({ kind: "replied", text: "Then not.", toolCalls: [{ id, status: "denied" }] });
    expect(lastContent()).toContain('status="denied">The user did not allow this call.');
    expect(tool.sent).toEqual([]);
  });

  test("goes on waiting, as itself, while nobody has decided on it", async () => {
    const tool = mailer();
    const { stopped, next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }]);
    const others = { [crypto.randomUUID()]: "approved", call00001: "approved", send_mail: "approved" } as const;
    const again = expectKind(await runAgent(ports(), next({ approvals: others })), "awaiting_approval");
    expect(again.awaited).toEqual(stopped.awaited);
    expect(again).toMatchObject({ calls: [], toolCalls: [] });
    const { checkpoint } = again;
    const result = await runAgent(ports(), next({ checkpoint, approvals: { [id]: "approved" } }));
    expect(result.kind).toBe("replied");
    expect(tool.sent).toHaveLength(1);
  });

  test("waits alone: calls beside it that need none are made first, and the decided among many are not held up", async () => {
    const tool = mailer();
    const { stopped, next } = await untilAsked(tool, [
      { tool_calls: [mail("Bob"), calculate, mail("Eve")] },
      { text: "Sent one." },
    ]);
    expect(stopped.toolCalls).toMatchObject([{ name: "calculator", status: "ok" }]);
    const [bob, eve] = stopped.awaited;
    expect([bob?.arguments, eve?.arguments]).toEqual([{ to: "Bob" }, { to: "Eve" }]);
    const half = await runAgent(ports(), next({ approvals: { [eve?.id ?? ""]: "approved" } }));
    expect(half).toMatchObject({ kind: "awaiting_approval", awaited: [{ arguments: { to: "Bob" } }] });
    expect(tool.sent).toEqual([{ to: "Eve" }]);
    const { checkpoint } = expectKind(half, "awaiting_approval");
    const result = await runAgent(ports(), next({ checkpoint, approvals: { [bob?.id ?? ""]: "denied" } }));
    expect(result).toMatchObject({ kind: "replied", toolCalls: [{ status: "denied" }] });
    expect(tool.sent).toHaveLength(1);
  });

  test("is no approval of another call: not of one with the same id, nor of what a new start asks for", async () => {
    const tool = mailer();
    const script = [{ tool_calls: [mail("Bob", "same")] }, { tool_calls: [mail("Eve", "same")] }];
    const { next, id } = await untilAsked(tool, script);
    const approvals = { [id]: "approved" } as const;
    const second = expectKind(await runAgent(ports(), next({ approvals })), "awaiting_approval");
    expect(second.awaited).toMatchObject([{ arguments: { to: "Eve" } }]);
    expect(tool.sent).toEqual([{ to: "Bob" }]);

    router.setScript([{ tool_calls: [mail("Mallory", "same")] }]);
    const anew = await runAgent(ports(), task({ threadId: next({}).threadId, tools: [tool], approvals }));
    expect(anew).toMatchObject({ kind: "awaiting_approval", awaited: [{ arguments: { to: "Mallory" } }] });
    expect(tool.sent).toHaveLength(1);
  });

  test("is refused after all when the tool was taken from the agent in between", async () => {
    const tool = mailer();
    const { next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }, { text: "I cannot." }]);
    const result = await runAgent(ports(), next({ tools: builtIns, approvals: { [id]: "approved" } }));
    expect(result).toMatchObject({ kind: "replied", toolCalls: [{ status: "refused" }] });
    expect(tool.sent).toEqual([]);
  });

  test("is not asked about where nothing would come of it: arguments that cannot be read, or the cap", async () => {
    const tool = mailer();
    const { stopped } = await untilAsked(tool, [
      { tool_calls: [{ name: "send_mail", arguments: "{" }, ...Array.from({ length: 9 }, (_, n) => mail(`${n}`))] },
    ]);
    expect(stopped.awaited).toHaveLength(7);
    expect(stopped.toolCalls.map(({ status }) => status)).toEqual(["failed", "refused", "refused"]);
  });

  test("asks for nothing to be approved twice after a provider failed behind it", async () => {
    const tool = mailer();
    const { next, id } = await untilAsked(tool, [{ tool_calls: [mail("Bob")] }, { text: "Sent." }]);
    router.setFaults({ rate_limited: { fail_next: 1, retry_after_seconds: 7 } });
    const approvals = { [id]: "approved" } as const;
    const failed = expectKind(await runAgent(ports(), next({ approvals })), "failed");
    expect(failed).toMatchObject({
      failure: { type: "rate_limited", isTransient: true, retryAfterSeconds: 7 },
      toolCalls: [{ status: "ok" }],
    });
    const { checkpoint } = failed;
    const result = await runAgent(ports(), next({ checkpoint, approvals }));
    expect(result).toMatchObject({ kind: "replied", text: "Sent.", toolCalls: [] });
    expect(tool.sent).toHaveLength(1);
  });
});
