import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { StandIn } from "../../src/local/serve.ts";
import { startRedis } from "../../src/local/upstash/start-redis.ts";

const token = "redis-token";
let server: StandIn;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ token });
  redis = new Redis({ url: server.url, token, retry: { retries: 0 }, enableAutoPipelining: false });
});
afterEach(() => faults("DELETE"));
afterAll(() => server.stop());

function faults(method: string, body?: object, bearer = token): Promise<Response> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${server.url}/_faults`, { method, headers: { authorization: `Bearer ${bearer}` }, ...init });
}

describe("fault switches", () => {
  it("hangs up on every command while down, cuts open subscriptions, and recovers", async () => {
    const headers = { authorization: `Bearer ${token}` };
    const open = await fetch(`${server.url}/subscribe/cut`, { method: "POST", headers });
    const body = expect(open.text()).rejects.toThrow();
    await faults("PUT", { down: true });
    await body;
    await expect(redis.ping()).rejects.toThrow("fetch failed");
    await faults("DELETE");
    expect(await redis.ping()).toBe("PONG");
  });

  it("fails the next requests only, as many as told", async () => {
    await faults("PUT", { fail_next: 2 });
    await expect(redis.ping()).rejects.toThrow("injected");
    await expect(redis.ping()).rejects.toThrow("injected");
    expect(await redis.ping()).toBe("PONG");
  });

  it("runs the command and loses the reply", async () => {
    await faults("PUT", { fail_next: 1, failure: "lost_reply" });
    const count = () => redis.eval("return redis.call('INCR', KEYS[1])", ["lost"], []);
    await expect(count()).rejects.toThrow("fetch failed");
    expect(await count()).toBe(2);
  });

  it("fails the same requests for the same seed and others for another", async () => {
    const pattern = async (seed: number) => {
      await faults("PUT", { rate: 0.5, seed });
      const outcomes: boolean[] = [];
      for (let index = 0; index < 20; index += 1)
        outcomes.push(
          await redis.ping().then(
            () => true,
            () => false,
          ),
        );
      return outcomes;
    };
    const first = await pattern(7);
    expect(await pattern(7)).toEqual(first);
    expect(await pattern(8)).not.toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it("never answers while it hangs", async () => {
    await faults("PUT", { hang: true });
    const caller = new AbortController();
    setTimeout(() => caller.abort(), 50);
    await expect(fetch(server.url, { signal: caller.signal })).rejects.toThrow("abort");
  });

  it("guards the switches by its token and refuses what is no switch", async () => {
    expect((await faults("PUT", { down: true }, "wrong")).status).toBe(401);
    expect((await faults("PUT", { dwon: true })).status).toBe(400);
    expect(await (await faults("GET")).json()).toMatchObject({ down: false, fail_next: 0 });
  });
});

describe("@upstash/ratelimit", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-01T12:00:00Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("counts a fixed window down, refuses, and opens with the next window", async () => {
    const limiter = new Ratelimit({
      redis,
      limiter: Ratelimit.fixedWindow(2, "60 s"),
      prefix: "fixed",
      ephemeralCache: false,
    });
    const taken = [await limiter.limit("a"), await limiter.limit("a"), await limiter.limit("a")];
    expect(taken.map(({ success, remaining }) => [success, remaining])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
    expect((await limiter.limit("b")).success).toBe(true);
    vi.setSystemTime(Date.now() + 60_000);
    expect((await limiter.limit("a")).success).toBe(true);
  });

  it("lets callers in by its own timeout when Redis is slow", async () => {
    await faults("PUT", { slow_ms: 60_000 });
    const limiter = new Ratelimit({ redis, limiter: Ratelimit.fixedWindow(1, "60 s"), prefix: "slow", timeout: 20 });
    expect(await limiter.limit("a")).toMatchObject({ success: true, reason: "timeout" });
  });
});
