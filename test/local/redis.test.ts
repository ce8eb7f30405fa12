import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StandIn } from "../../src/local/serve.ts";
import { startRedis } from "../../src/local/upstash/start-redis.ts";

const token = "redis-token";
let server: StandIn;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ token });
  redis = new Redis({ url: server.url, token, retry: { retries: 0 } });
});
afterAll(() => server.stop());

function rest(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
}

async function advance(ms: number): Promise<void> {
  const response = await rest("/_faults/advance", { method: "POST", body: JSON.stringify({ ms }) });
  expect(response.status).toBe(200);
}

describe("data through @upstash/redis", () => {
  it("keeps strings, JSON and counters, in base64 and in plain responses", async () => {
    const plain = new Redis({ url: server.url, token, retry: { retries: 0 }, responseEncoding: false });
    await redis.set("text", "naïve ✓ 😀");
    await redis.set("json", { deep: [1, "two"] });
    expect(await redis.get("text")).toBe("naïve ✓ 😀");
    expect(await plain.get("text")).toBe("naïve ✓ 😀");
    expect(await redis.get("json")).toEqual({ deep: [1, "two"] });
    expect(await redis.incrby("count", 5)).toBe(5);
    expect(await redis.mget("count", "absent")).toEqual([5, null]);
    expect(await redis.set("count", 9, { nx: true })).toBeNull();
    expect(await redis.set("count", 9, { get: true, ex: 60 })).toBe(5);
    expect(await redis.ttl("count")).toBe(60);
  });

  it("keeps hashes", async () => {
    expect(await redis.hset("hash", { a: 1, b: "x" })).toBe(2);
    expect(await redis.hgetall("hash")).toEqual({ a: 1, b: "x" });
    expect(await redis.hincrby("hash", "a", 4)).toBe(5);
    expect(await redis.hmget("hash", "a", "none")).toEqual({ a: 5, none: null });
    expect(await redis.hgetall("no-hash")).toBeNull();
  });

  it("keeps lists, sets and sorted sets", async () => {
    await redis.rpush("list", "a", "b");
    expect(await redis.lrange("list", 0, -1)).toEqual(["a", "b"]);
    await redis.sadd("set", "a", "b", "a");
    expect(await redis.scard("set")).toBe(2);
    await redis.zadd("zset", { score: 1, member: "low" }, { score: 2.5, member: "high" });
    expect(await redis.zrange("zset", 0, -1, { withScores: true })).toEqual(["low", 1, "high", 2.5]);
    expect(await redis.zscore("zset", "high")).toBe(2.5);
  });

  it("forgets a key when its time is up, and only then", async () => {
    await redis.set("brief", "x", { ex: 60 });
    await redis.set("kept", "x");
    await advance(59_000);
    expect(await redis.get("brief")).toBe("x");
    await advance(2_000);
    expect(await redis.get("brief")).toBeNull();
    expect(await redis.get("kept")).toBe("x");
  });
});

describe("many commands at once", () => {
  it("answers a pipeline command by command, errors included", async () => {
    const results = await redis.pipeline().set("p", "v").lpush("p", "x").get("p").exec({ keepErrors: true });
    expect(results.map(({ result }) => result)).toEqual(["OK", undefined, "v"]);
    expect(results[1]?.error).toContain("WRONGTYPE");
  });

  it("runs a transaction whole, with nothing of another's in between", async () => {
    const increment = () => redis.multi().incr("whole").incr("whole").exec<[number, number]>();
    const pairs = await Promise.all([increment(), increment(), increment()]);
    expect(pairs.map(([first, second]) => second - first)).toEqual([1, 1, 1]);
    expect(await redis.get("whole")).toBe(6);
  });

  it("discards a transaction that holds an unknown command", async () => {
    const body = JSON.stringify([["SET", "discarded", "1"], ["NONSENSE"]]);
    const response = await rest("/multi-exec", { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^EXECABORT /) });
    expect(await redis.get("discarded")).toBeNull();
  });
});

describe("Lua", () => {
  it("converts what a script returns as Redis does", async () => {
    const script = `#!lua flags=allow-key-locking\nreturn {1, 2.9, 'a"\\n', true, false, {KEYS[1], ARGV[1]}, {}}`;
    expect(await redis.eval(script, ["key"], ["arg"])).toEqual([1, 2, 'a"\n', 1, null, ["key", "arg"], []]);
  });

  it("runs a script by its hash once it was loaded, and says NOSCRIPT before", async () => {
    const script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
    const unknown = "0".repeat(40);
    await expect(redis.evalsha(unknown, ["n"], [2])).rejects.toThrow("NOSCRIPT");
    const hash = await redis.scriptLoad(script);
    expect(await redis.scriptExists(hash, unknown)).toEqual([1, 0]);
    expect(await redis.evalsha(hash, ["n"], [2])).toBe(2);
    await redis.scriptFlush();
    await expect(redis.evalsha(hash, ["n"], [2])).rejects.toThrow("NOSCRIPT");
  });

  it("reports an error raised by a script", async () => {
    await expect(redis.eval("return redis.error_reply('MYCODE no')", [], [])).rejects.toThrow("MYCODE no");
    await expect(redis.eval("not lua", [], [])).rejects.toThrow("ERR ");
  });
});

describe("publish and subscribe", () => {
  it("carries messages to a channel's and a pattern's subscribers, commas and JSON intact", async () => {
    const byChannel = redis.subscribe<{ text: string }>("turn:1");
    const byPattern = redis.psubscribe<{ text: string }>("turn:*");
    const heard = Promise.all([
      new Promise((resolve) => byChannel.on("message", resolve)),
      new Promise((resolve) => byPattern.on("pmessage", resolve)),
    ]);
    await Promise.all([
      new Promise((resolve) => byChannel.on("subscribe", resolve)),
      new Promise((resolve) => byPattern.on("psubscribe", resolve)),
    ]);
    expect(await redis.publish("turn:1", { text: "a, b" })).toBe(2);
    expect(await heard).toEqual([
      { channel: "turn:1", message: { text: "a, b" } },
      { pattern: "turn:*", channel: "turn:1", message: { text: "a, b" } },
    ]);
    await Promise.all([byChannel.unsubscribe(), byPattern.unsubscribe()]);
    await expect.poll(() => redis.publish("turn:1", "x")).toBe(0);
  });

  it("keeps nothing of a subscriber who is gone, and takes many without a warning", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on("warning", warn);
    const abort = new AbortController();
    const open = () => rest("/subscribe/many", { signal: abort.signal });
    const streams = await Promise.all(Array.from({ length: 30 }, open));
    for (const { body } of streams) await body?.getReader().read();
    expect(await redis.publish("many", "x")).toBe(30);
    abort.abort();
    await expect.poll(() => redis.publish("many", "x")).toBe(0);
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("serves GET as well, as text/event-stream", async () => {
    const abort = new AbortController();
    const response = await rest("/subscribe/wire", { signal: abort.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("data: subscribe,wire,1\n\n");
    await redis.publish("wire", "hello");
    expect((await reader?.read())?.value).toBe("data: message,wire,hello\n\n");
    abort.abort();
  });
});

describe("the REST surface", () => {
  it("takes a command from the path, the query and the body", async () => {
    expect(await (await rest("/set/path/a%20b?EX=100")).json()).toEqual({ result: "OK" });
    expect(await (await rest("/ttl/path")).json()).toEqual({ result: 100 });
    await rest("/set/body", { method: "POST", body: '{"a":1}' });
    expect(await (await rest("/get/body")).json()).toEqual({ result: '{"a":1}' });
    expect(await (await fetch(`${server.url}/get/path?_token=${token}`)).json()).toEqual({ result: "a b" });
  });

  it("refuses a wrong token with 401 and a wrong method with 405", async () => {
    const response = await fetch(`${server.url}/get/path`, { headers: { authorization: "Bearer wrong" } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "Unauthorized" });
    expect((await rest("/get/path", { method: "PATCH" })).status).toBe(405);
  });

  it.each([
    ["broken JSON", "{"],
    ["an unknown command", '["NONSENSE"]'],
    ["a command the stand-in does not have", '["GEOADD","g","1","1","x"]'],
    ["too few arguments", '["GET"]'],
    ["a blocking command", '["BLPOP","list","0"]'],
    ["the wrong kind of value", '["GET","kind"]'],
    ["a number that is none", '["INCRBY","number","many"]'],
    ["a connection command", '["MULTI"]'],
  ])("answers %s with 400 and an error", async (_, body) => {
    await redis.hset("kind", { a: 1 });
    const response = await rest("/", { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^[A-Z]+ /) });
  });
});
