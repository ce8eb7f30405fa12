import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCloud, type TestCloud } from "./cloud.ts";

describe("the test cloud", () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await openTestCloud();
  });

  afterAll(() => cloud.stop());

  it("answers its API with every dependency up", async () => {
    const response = await cloud.api("/ready");
    const { status, dependencies } = await response.json();
    expect({ code: response.status, status }).toEqual({ code: 200, status: "ready" });
    expect(Object.keys(dependencies).sort()).toEqual(["auth", "cache", "database", "models", "queue"]);
  });

  it("signs users up who own what they make", async () => {
    const [owner, stranger] = await Promise.all([cloud.signUp(), cloud.signUp()]);
    const as = (token: string) => ({ authorization: `Bearer ${token}`, "content-type": "application/json" });
    const body = JSON.stringify({ name: "Mine" });
    const made = await cloud.api("/rooms", { method: "POST", headers: as(owner.token), body });
    expect(made.status).toBe(201);
    const path = `/rooms/${(await made.json()).id}`;
    expect((await cloud.api(path, { headers: as(owner.token) })).status).toBe(200);
    expect((await cloud.api(path, { headers: as(stranger.token) })).status).toBe(404);
  });

  it("is reached by the queue at its public address", async () => {
    expect(cloud.variables.PUBLIC_BASE_URL).toBe(cloud.url);
    expect((await fetch(`${cloud.url}/api/v1/health`)).status).toBe(200);
  });

  it.each([
    ["neon", "database"],
    ["qstash", "queue"],
    ["redis", "cache"],
    ["supabase", "auth"],
  ] as const)("takes %s down and up again by its fault switches", async (name, dependency) => {
    const stateOf = async () => (await (await cloud.api("/ready")).json()).dependencies[dependency].state;
    await cloud.setFaults(name, { down: true });
    expect(await stateOf()).toBe("down");
    await cloud.setFaults(name, null);
    expect(await stateOf()).toBe("up");
  });

  it("makes a model fail and answer again by its fault switches", async () => {
    const ask = () =>
      fetch(`${cloud.variables.OPENROUTER_BASE_URL}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${cloud.keys.openRouterKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "openai/gpt-4o", messages: [{ role: "user", content: "Is it ready?" }] }),
      });
    await cloud.setFaults("openRouter", { server_error: { status: 503 } });
    expect((await ask()).status).toBe(503);
    await cloud.setFaults("openRouter", null);
    expect((await ask()).status).toBe(200);
  });
});
