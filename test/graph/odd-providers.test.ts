import { afterEach, describe, expect, test } from "vitest";
import { parseUsage } from "../../src/domain/meter/usage.ts";
import { serve } from "../../src/local/serve.ts";
import { clock, gatewayTo, request } from "./gateway-kit.ts";

type Server = Awaited<ReturnType<typeof serve>>;

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

let asked = 0;

/** Answers as no well-behaved provider does. */
async function callOf(answer: (request: Request) => Response, timeoutMs = 300_000) {
  asked = 0;
  const server = await serve((received) => {
    asked += 1;
    return answer(received);
  });
  servers.push(server);
  return gatewayTo(server.url).call(request({ timeoutMs }));
}

const chunk = (choice: object, more: object = {}) =>
  JSON.stringify({ id: "gen-odd", model: "vendor/odd", choices: [{ index: 0, ...choice }], ...more });
const says = (content: string) => chunk({ delta: { role: "assistant", content }, finish_reason: null });
const stops = chunk({ delta: {}, finish_reason: "stop" });
const usage = { prompt_tokens: 9, completion_tokens: 2, cost: 0.5 };
const usageChunk = JSON.stringify({ id: "gen-odd", model: "vendor/odd", choices: [], usage });

function stream(events: readonly string[], headers: Readonly<Record<string, string>> = {}): Response {
  const body = events.map((event) => `data: ${event}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream", ...headers } });
}

describe("a stream", () => {
  test("without its end mark is whole when it gave a reason to finish", async () => {
    const { outcome, calls } = await callOf(() => stream([says("Hi."), stops, usageChunk]));
    expect(outcome).toEqual({ kind: "replied", text: "Hi.", finishReason: "stop" });
    expect(calls).toMatchObject([{ status: "ok", usage: parseUsage(usage), generationId: "gen-odd" }]);
  });

  test("without a reason to finish is whole when it has its end mark", async () => {
    const { outcome, calls } = await callOf(() => stream([says("Hi."), usageChunk, "[DONE]"]));
    expect(outcome).toEqual({ kind: "replied", text: "Hi.", finishReason: null });
    expect(calls).toMatchObject([{ status: "ok", providerModel: "vendor/odd", usage: parseUsage(usage) }]);
  });

  test("with garbage amid it cannot be read, though its end came", async () => {
    const { outcome, calls } = await callOf(() => stream([says("Hi"), "{rubbish", says(" there."), stops, "[DONE]"]));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "invalid_reply", isTransient: true } });
    expect(calls).toHaveLength(1);
  });

  test("with nothing but its end mark cannot be read", async () => {
    const { outcome } = await callOf(() => stream(["[DONE]"]));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "invalid_reply" } });
  });

  test("of white space is an empty reply", async () => {
    const { outcome } = await callOf(() => stream([says(" \n"), stops, usageChunk, "[DONE]"]));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "empty_reply" } });
  });

  test("names its request by the provider's headers", async () => {
    const headers = { "x-request-id": "req-1", "x-generation-id": "gen-header" };
    const { calls } = await callOf(() => stream([says("Hi."), stops, "[DONE]"], headers));
    expect(calls).toMatchObject([{ requestId: "req-1", generationId: "gen-header" }]);
  });

  test("of one endless event is given up and not kept", async () => {
    const megabyte = new TextEncoder().encode("x".repeat(1_000_000));
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) });
    const { outcome, calls } = await callOf(() => new Response(endless()));
    expect(outcome).toMatchObject({ kind: "failed", failure: { isTransient: true } });
    expect(calls).toMatchObject([{ status: "failed" }]);
  });
});

describe("a body of JSON", () => {
  test("with an error under status 200 fails by the error's code", async () => {
    const error = { error: { code: 429, message: "slow down" } };
    const { outcome } = await callOf(() => Response.json(error, { headers: { "retry-after": "3" } }));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "rate_limited", retryAfterSeconds: 3 } });
  });

  test("in place of a stream cannot be read, and is paid by its usage", async () => {
    const body = { id: "gen-odd", choices: [{ message: { content: "Hi." }, finish_reason: "stop" }], usage };
    const { outcome, calls } = await callOf(() => Response.json(body));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "invalid_reply" } });
    expect(calls).toMatchObject([{ status: "ok", usage: parseUsage(usage) }]);
  });

  test("with usage under a refusing status is paid by that usage", async () => {
    const { calls } = await callOf(() => Response.json({ error: { code: 500 }, usage }, { status: 500 }));
    expect(calls).toMatchObject([{ status: "failed", httpStatus: 500, usage: parseUsage(usage) }]);
  });
});

describe("a refusal", () => {
  test("may give its Retry-After as a date", async () => {
    const date = new Date(clock.now().getTime() + 60_000).toUTCString();
    const { outcome } = await callOf(() => new Response("slow", { status: 429, headers: { "retry-after": date } }));
    if (outcome.kind !== "failed") throw new Error("expected a failure");
    expect(outcome.failure.retryAfterSeconds).toBeGreaterThan(50);
    expect(outcome.failure.retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  test("by redirect is not followed: the key goes nowhere else", async () => {
    const { outcome, calls } = await callOf(() => new Response(null, { status: 307, headers: { location: "/else" } }));
    expect(outcome).toMatchObject({ kind: "failed", failure: { type: "refused", isTransient: false } });
    expect(calls).toMatchObject([{ httpStatus: 307, status: "failed" }]);
    expect(asked).toBe(1);
  });

  test("of an odd shape is quoted as text", async () => {
    const { outcome } = await callOf(() => new Response("<html><h1>Gone</h1>\n<p>away</p></html>", { status: 404 }));
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { message: "The model's provider refused the request (status 404: Gone away)." },
    });
  });
});
