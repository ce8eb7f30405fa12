import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StandIn } from "../../src/local/serve.ts";
import { startRedis } from "../../src/local/upstash/start-redis.ts";

const token = "redis-token";
const counting = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
let server: StandIn;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ token });
  redis = new Redis({ url: server.url, token, retry: { retries: 0 }, enableAutoPipelining: false });
});
afterAll(() => server.stop());

function rest(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
}

function listen(channel: string, signal: AbortSignal): Promise<Response> {
  return rest(`/subscribe/${channel}`, { method: "POST", signal });
}

describe("scripts through @upstash/redis", () => {
  it("answers text in base64 and in plain responses alike", async () => {
    const plain = new Redis({
      url: server.url,
      token,
      retry: { retries: 0 },
      enableAutoPipelining: false,
      responseEncoding: false,
    });
    const text = "naïve ✓ 😀";
    for (const client of [redis, plain]) expect(await client.eval("return ARGV[1]", [], [text])).toBe(text);
  });

  it("converts what a script returns as Redis does", async () => {
    const script = `#!lua flags=allow-key-locking\nreturn {1, 2.9, 'a"\\n', true, false, {KEYS[1], ARGV[1]}, {}}`;
    expect(await redis.eval(script, ["key"], ["arg"])).toEqual([1, 2, 'a"\n', 1, null, ["key", "arg"], []]);
  });

  it("runs a script by its hash once it was evaluated, and says NOSCRIPT before", async () => {
    const hash = "9c6f95e3f8a0f7b2";
    await expect(redis.evalsha(hash, ["n"], [2])).rejects.toThrow("NOSCRIPT");
    const known = await sha1(counting);
    await expect(redis.evalsha(known, ["n"], [2])).rejects.toThrow("NOSCRIPT");
    expect(await redis.eval(counting, ["n"], [2])).toBe(2);
    expect(await redis.evalsha(known, ["n"], [2])).toBe(4);
  });

  it("runs one command after the other", async () => {
    const twice = `${counting.replace("return", "local first =")} return {first, redis.call('INCRBY', KEYS[1], 1)}`;
    const pairs = await Promise.all([1, 2, 3].map(() => redis.eval<number[], number[]>(twice, ["whole"], [1])));
    expect(pairs).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it("reports an error raised by a script", async () => {
    await expect(redis.eval("return redis.error_reply('MYCODE no')", [], [])).rejects.toThrow("MYCODE no");
    await expect(redis.eval("not lua", [], [])).rejects.toThrow("ERR ");
  });
});

async function sha1(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text))).toString("hex");
}

describe("publish and subscribe", () => {
  it("carries messages to a channel's subscribers alone, commas and JSON intact", async () => {
    const subscription = redis.subscribe<{ text: string }>("turn:1");
    const heard = new Promise((resolve) => subscription.on("message", resolve));
    await new Promise((resolve) => subscription.on("subscribe", resolve));
    expect(await redis.publish("turn:2", { text: "elsewhere" })).toBe(0);
    expect(await redis.publish("turn:1", { text: "a, b" })).toBe(1);
    expect(await heard).toEqual({ channel: "turn:1", message: { text: "a, b" } });
    await subscription.unsubscribe();
    await expect.poll(() => redis.publish("turn:1", "x")).toBe(0);
  });

  it("keeps nothing of a subscriber who is gone, and takes many without a warning", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on("warning", warn);
    const abort = new AbortController();
    const streams = await Promise.all(Array.from({ length: 30 }, () => listen("many", abort.signal)));
    for (const { body } of streams) await body?.getReader().read();
    expect(await redis.publish("many", "x")).toBe(30);
    abort.abort();
    await expect.poll(() => redis.publish("many", "x")).toBe(0);
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("speaks text/event-stream", async () => {
    const abort = new AbortController();
    const response = await listen("wire", abort.signal);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("data: subscribe,wire,1\n\n");
    await redis.publish("wire", "hello");
    expect((await reader?.read())?.value).toBe("data: message,wire,hello\n\n");
    abort.abort();
  });
});

describe("the REST surface", () => {
  it("takes a ping by its path, as probes send it", async () => {
    expect(await (await rest("/ping")).json()).toEqual({ result: "PONG" });
    expect(await redis.ping()).toBe("PONG");
  });

  it("refuses a wrong token with 401 and a path that it does not serve with 404", async () => {
    const response = await fetch(`${server.url}/ping`, { headers: { authorization: "Bearer wrong" } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "Unauthorized" });
    expect((await rest("/pipeline", { method: "POST", body: "[]" })).status).toBe(404);
  });

  it.each([
    ["broken JSON", "{"],
    ["an unknown command", '["NONSENSE"]'],
    ["a command the Worker never sends", '["XADD","s","*","a","1"]'],
    ["too few arguments", '["PUBLISH","channel"]'],
    ["too many arguments", '["PUBLISH","channel","text","more"]'],
    ["a number of keys that is none", '["EVAL","return 1","many"]'],
    ["more keys than arguments", '["EVAL","return 1","2","a"]'],
  ])("answers %s with 400 and an error", async (_, body) => {
    const response = await rest("/", { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^[A-Z]+ /) });
  });
});
