import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { systemSigner } from "../../src/adapters/system/signer.ts";
import { createWebhookSender, type SenderConfig } from "../../src/adapters/webhook/sender.ts";
import type { NodeBindings, StandIn } from "../../src/local/serve.ts";
import { serve } from "../../src/local/serve.ts";
import type { Resolver } from "../../src/ports/resolver.ts";
import { holdDeadlines } from "../support/held-deadlines.ts";

const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];
const publicNames: Resolver = { resolve: async () => ({ kind: "found", addresses: ["93.184.215.14"] }) };

type Answer = (request: Request, bindings: NodeBindings) => Response | Promise<Response>;

let receiver: StandIn;
let answer: Answer = () => new Response();
let received: { readonly headers: Headers; readonly method: string; readonly body: string }[] = [];

beforeAll(async () => {
  receiver = await serve(async (request, bindings) => {
    received.push({ headers: request.headers, method: request.method, body: await request.text() });
    return answer(request, bindings);
  });
});
beforeEach(() => {
  received = [];
  answer = () => new Response();
});
afterAll(() => receiver.stop());

function senderWith(changes: Partial<SenderConfig> = {}) {
  const clock = { now: () => new Date() };
  const config = { resolver: publicNames, signer: systemSigner, clock, isLoopbackAllowed: true, timeoutMs: 20_000 };
  return createWebhookSender({ ...config, ...changes });
}

function send(changes: Partial<SenderConfig> = {}, body = '{"type":"turn.completed","text":"größer 😀"}') {
  return senderWith(changes).send({ id: "0190a000", url: `${receiver.url}/hook?x=1`, body, secrets });
}

describe("a webhook that is sent", () => {
  it("is one POST of the very body, signed with each secret in force", async () => {
    expect(await send()).toMatchObject({ kind: "answered", status: 200, retryAfterSeconds: null, excerpt: "" });
    const [only, ...more] = received;
    if (only === undefined || more.length > 0) throw new Error(`${received.length} requests`);
    expect([only.method, only.body]).toEqual(["POST", '{"type":"turn.completed","text":"größer 😀"}']);
    expect(only.headers.get("content-type")).toBe("application/json");
    expect(only.headers.get("user-agent")).toBe("Pantheon-Webhooks/1");
    expect(only.headers.get("webhook-id")).toBe("0190a000");
    const headers = Object.fromEntries(only.headers);
    for (const secret of secrets)
      expect(new Webhook(secret).verify(only.body, headers)).toMatchObject({ text: "größer 😀" });
  });

  it("keeps its id over attempts, and has the time and signature of each", async () => {
    const first = new Date("2026-11-21T00:00:00.900Z");
    await send({ clock: { now: () => first } });
    await send({ clock: { now: () => new Date(first.getTime() + 5_000) } });
    const [one, other] = received.map(({ headers }) => headers);
    expect(one?.get("webhook-id")).toBe(other?.get("webhook-id"));
    expect([one?.get("webhook-timestamp"), other?.get("webhook-timestamp")]).toEqual(["1795219200", "1795219205"]);
    expect(one?.get("webhook-signature")).not.toBe(other?.get("webhook-signature"));
  });

  it.each([200, 204, 400, 404, 410, 429, 500, 503])("comes back with a %i as it is", async (status) => {
    answer = () => new Response(null, { status, headers: { "retry-after": "17" } });
    expect(await send()).toMatchObject({ kind: "answered", status, retryAfterSeconds: 17 });
  });

  it("says how long it took by the clock that it was given", async () => {
    const times = [1_000, 1_250];
    const result = await send({ clock: { now: () => new Date(times.shift() ?? 9_999) } });
    expect(result).toMatchObject({ latencyMs: 250 });
  });

  it.each([301, 302, 303, 307, 308])("is not led elsewhere by a %i", async (status) => {
    answer = () => new Response("moved", { status, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await send()).toMatchObject({ kind: "answered", status, excerpt: "moved" });
    expect(received).toHaveLength(1);
  });
});

describe("an answer", () => {
  it("is kept up to its first KB, whole characters only, and nothing that Postgres refuses", async () => {
    answer = () => new Response(`${"a".repeat(1_022)}\u20ac\u20ac`);
    expect(await send()).toMatchObject({ excerpt: "a".repeat(1_022) });
    answer = () => new Response("x\0y");
    expect(await send()).toMatchObject({ excerpt: "x\ufffdy" });
    answer = () => new Response(Uint8Array.from([0x61, 0xff, 0xed, 0xa0, 0x80, 0x62]));
    const result = await send();
    if (result.kind !== "answered") throw new Error("not answered");
    expect(result.excerpt).toMatch(/^a\ufffd+b$/);
  });

  it("is read for at most 64 KB", async () => {
    let given = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          given += 1_024;
          controller.enqueue(new Uint8Array(1_024).fill(0x61));
        },
      },
      { highWaterMark: 0 },
    );
    const result = await send({ fetch: async () => new Response(endless) });
    expect(result).toMatchObject({ kind: "answered", status: 200, excerpt: "a".repeat(1_024) });
    expect(given).toBe(65_536);
  });

  it("that never ends on a real socket is cut off", async () => {
    let isCut = false;
    answer = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(0x62)),
          cancel: () => {
            isCut = true;
          },
        }),
      );
    expect(await send()).toMatchObject({ kind: "answered", excerpt: "b".repeat(1_024) });
    await expect.poll(() => isCut).toBe(true);
  });

  it("whose body drips past the deadline still counts by its status", async () => {
    const deadlines = holdDeadlines(20_000);
    onTestFinished(deadlines.restore);
    const drips = (signal: RequestInit["signal"]) => {
      let isBegun = false;
      const pull = (controller: ReadableStreamDefaultController) => {
        if (!isBegun) controller.enqueue(new TextEncoder().encode("so far"));
        else deadlines.expire();
        if (signal?.aborted) controller.error(signal.reason);
        isBegun = true;
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    };
    const sent = await send({ fetch: async (_url, { signal }) => drips(signal) });
    expect(sent).toMatchObject({ kind: "answered", status: 200, excerpt: "so far" });
  });

  it("that never comes is a failure at the deadline", async () => {
    answer = () => new Promise<Response>(() => undefined);
    expect(await send({ timeoutMs: 100 })).toEqual({ kind: "failed", reason: "it did not answer in time" });
  });

  it("that breaks before its status is a failure", async () => {
    answer = (_, { incoming }) => {
      incoming.socket.destroy();
      return new Response();
    };
    expect(await send()).toEqual({ kind: "failed", reason: "it could not be reached" });
  });
});

describe("right before it is sent", () => {
  const named = { id: "0190a000", url: "https://hooks.example.com/x", body: "{}", secrets };

  it("the name is asked for again, so that one which has moved inside gets nothing", async () => {
    const answers = [["93.184.215.14"], ["10.0.0.1"]];
    const sent: string[] = [];
    const resolver: Resolver = { resolve: async () => ({ kind: "found", addresses: answers.shift() ?? [] }) };
    const fetch = async (url: string) => {
      sent.push(url);
      return new Response();
    };
    const sender = senderWith({ resolver, fetch });
    expect(await sender.send(named)).toMatchObject({ kind: "answered" });
    expect(await sender.send(named)).toEqual({
      kind: "refused",
      reason: "names a host without a public address",
    });
    expect(sent).toEqual([named.url]);
  });

  it("nothing is sent when the name cannot be resolved", async () => {
    const fetch = async () => {
      throw new Error("sent");
    };
    const resolver: Resolver = { resolve: async () => ({ kind: "failed", reason: "there is no hooks.example.com" }) };
    expect(await senderWith({ resolver, fetch }).send(named)).toEqual({
      kind: "refused",
      reason: "must name a host: there is no hooks.example.com",
    });
  });

  it("is asked to follow no redirect and to end in time", async () => {
    const inits: RequestInit[] = [];
    const fetch = async (_: string, init: RequestInit) => {
      inits.push(init);
      return new Response();
    };
    await senderWith({ fetch }).send(named);
    expect(inits).toMatchObject([{ method: "POST", redirect: "manual" }]);
    expect(inits[0]?.signal).toBeInstanceOf(AbortSignal);
  });
});
