import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createThrottle } from "../../src/adapters/upstash/throttle.ts";
import type { StandIn } from "../../src/local/serve.ts";
import { startRedis } from "../../src/local/upstash/start-redis.ts";
import { createFakeThrottle } from "../fakes/throttle.ts";
import { throttleContract } from "./throttle-contract.ts";

const token = "redis-token";

async function setFaults(url: string, faults: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/_faults`, { method: "PUT", headers, body: JSON.stringify(faults) });
  expect(response.status).toBe(200);
}

function throttleOver(url: string, changes: { readonly timeoutMs?: number; readonly redisToken?: string } = {}) {
  return createThrottle({ redisUrl: url, redisToken: token, requestsPerMinute: 3, timeoutMs: 5_000, ...changes });
}

throttleContract("fake", async () => {
  const throttle = createFakeThrottle({ clock: { now: () => new Date() }, requestsPerMinute: 3 });
  return { throttle, setAvailable: throttle.setAvailable, stop: async () => {} };
});

throttleContract("Upstash", async () => {
  const server = await startRedis({ token });
  return {
    throttle: throttleOver(server.url),
    setAvailable: (isAvailable) => setFaults(server.url, { down: !isAvailable }),
    stop: server.stop,
  };
});

describe("the Upstash throttle", () => {
  let server: StandIn;
  beforeAll(async () => {
    server = await startRedis({ token });
  });
  afterEach(() => setFaults(server.url, {}));
  afterAll(() => server.stop());

  it("says unavailable, not allowed, when Redis hangs", async () => {
    await setFaults(server.url, { hang: true });
    expect(await throttleOver(server.url, { timeoutMs: 30 }).take("hanging")).toEqual({ kind: "unavailable" });
  });

  it("says unavailable when Redis answers with an error or refuses the token", async () => {
    await setFaults(server.url, { fail_next: 1 });
    expect(await throttleOver(server.url).take("failing")).toEqual({ kind: "unavailable" });
    expect(await throttleOver(server.url, { redisToken: "wrong" }).take("a")).toEqual({ kind: "unavailable" });
  });

  it("says unavailable when nothing listens", async () => {
    expect(await throttleOver("http://127.0.0.1:1").take("nobody")).toEqual({ kind: "unavailable" });
  });

  it("sends a request once, so that a lost reply is not counted twice", async () => {
    const throttle = throttleOver(server.url);
    await throttle.take("lost");
    await setFaults(server.url, { fail_next: 1, failure: "lost_reply" });
    expect(await throttle.take("lost")).toEqual({ kind: "unavailable" });
    expect(await throttle.take("lost")).toMatchObject({ kind: "allowed", remaining: 0 });
  });

  it("goes on refusing a refused caller without asking Redis", async () => {
    const throttle = throttleOver(server.url);
    for (let index = 0; index < 4; index += 1) await throttle.take("blocked");
    await setFaults(server.url, { down: true });
    expect((await throttle.take("blocked")).kind).toBe("refused");
  });
});
