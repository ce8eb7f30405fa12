import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PantheonError } from "../../src/contract/errors.ts";
import { Ready, Version } from "../../src/contract/service.ts";
import { type ApiWorld, openApiWorld, toRequest } from "../support/api.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

describe("health, version and readiness", () => {
  it("answers health without touching the database", async () => {
    world.sqlTrips();
    const answer = await world.request("get", "/health");
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
    expect(world.sqlTrips()).toBe(0);
  });

  it("names the build", async () => {
    const answer = await world.request("get", "/version");
    expect(answer.json(Version)).toMatchObject({ name: "pantheon", environment: "local", commit: "local" });
  });

  it("is ready with every dependency up", async () => {
    const ready = await world.request("get", "/ready");
    expect(ready.status).toBe(200);
    const { dependencies } = ready.json(Ready);
    expect(Object.keys(dependencies).sort()).toEqual(["auth", "cache", "database", "models", "queue"]);
    expect(Object.values(dependencies).every(({ state }) => state === "up")).toBe(true);
  });

  it.each([
    ["database", "neon"],
    ["cache", "redis"],
    ["auth", "supabase"],
  ] as const)("is not ready, and says so by name, while the %s is down", async (name, standIn) => {
    await world.setFaults(standIn, { down: true });
    const ready = await world.request("get", "/ready");
    await world.setFaults(standIn, {});
    expect(ready.status).toBe(503);
    const { status, dependencies } = ready.json(Ready);
    expect(status).toBe("not_ready");
    const down = Object.entries(dependencies).filter(([, { state }]) => state === "down");
    expect(down.map(([dependency]) => dependency)).toEqual([name]);
    expect(down[0]?.[1]).toMatchObject({ latency_ms: null, detail: expect.stringMatching(/^[A-Z][a-z ]+\.$/) });
  });
});

describe("every answer", () => {
  it("carries a request id of our own making, whatever the client sent", async () => {
    const headers = { "x-request-id": "mine" };
    const ids = await Promise.all(
      [1, 2].map(async () => (await world.request("get", "/health", { headers })).headers.get("x-request-id")),
    );
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each([
    ["a good one", "get", "/health"],
    ["a 401", "get", "/rooms"],
    ["a 404", "get", "/nowhere"],
    ["a 405", "put", "/health"],
  ])("is guarded by security headers and kept in no cache: %s", async (_, method, path) => {
    const { headers } = await world.request(method, path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.has("x-powered-by")).toBe(false);
  });

  it("has no body when only the head was asked for", async () => {
    const head = await world.request("head", "/health");
    expect([head.status, head.text]).toEqual([200, ""]);
  });
});

describe("addresses and methods that are not there", () => {
  it.each(["/nowhere", "/", "", "/rooms/", "/health/x", "/..%2f", "/%00", "/%E0%A4%A"])(
    "answers %s with a problem",
    async (path) => {
      const answer = await world.request("get", path);
      expect(answer.problem()).toMatchObject({ status: 404, code: "not_found", detail: "There is nothing here." });
    },
  );

  it("answers outside of /api/v1 with a problem too", async () => {
    const answer = await world.send(new Request("http://api.test/"));
    expect(answer.problem().code).toBe("not_found");
  });

  it.each([
    ["put", "/health", "GET, HEAD, OPTIONS"],
    ["delete", "/rooms", "GET, HEAD, OPTIONS, POST"],
    ["post", "/rooms/0190a000-0000-7000-8000-000000000000", "DELETE, GET, HEAD, OPTIONS, PATCH"],
    ["get", "/rooms/0190a000-0000-7000-8000-000000000000/agents/order/x", null],
    ["propfind", "/rooms", "GET, HEAD, OPTIONS, POST"],
  ])("answers %s %s with 405 and what is allowed", async (method, path, allow) => {
    const answer = await world.request(method, path);
    expect(answer.problem().code).toBe(allow === null ? "not_found" : "method_not_allowed");
    expect(answer.headers.get("allow")).toBe(allow);
  });

  it("allows at the order of agents what an agent named order needs", async () => {
    const answer = await world.request("post", "/rooms/0190a000-0000-7000-8000-000000000000/agents/order");
    expect(answer.headers.get("allow")).toBe("DELETE, GET, HEAD, OPTIONS, PATCH, PUT");
  });

  it("refuses a URL of more than 8 KiB", async () => {
    const answer = await world.request("get", `/rooms?cursor=${"x".repeat(8192)}`);
    expect(answer.problem()).toMatchObject({ status: 414, code: "uri_too_long" });
  });
});

describe("failures that nobody foresaw", () => {
  it("tells the client nothing but the request id, and the log the rest", async () => {
    const secret = "a secret inside";
    const failing = await openApiWorld({
      ports: {
        probes: [],
        clock: {
          now: () => {
            throw new Error(secret);
          },
        },
      },
    });
    const { token } = await failing.signUp();
    const answer = await failing.send(toRequest("post", "/rooms", { token, body: { name: "x" } }));
    await failing.stop();
    expect(answer.problem()).toMatchObject({ status: 500, code: "internal" });
    expect(answer.text).not.toContain(secret);
    expect(failing.logged.find(({ level }) => level === "error")?.fields).toMatchObject({
      request_id: answer.problem().request_id,
      error: `Error: ${secret}`,
    });
  });

  it("tells a client nothing of a fault that Pantheon itself names, and the log everything", async () => {
    const message = "The database answered pantheon_create_room with another shape at /id.";
    const failing = await openApiWorld({
      ports: {
        probes: [],
        clock: {
          now: () => {
            throw new PantheonError("internal", message);
          },
        },
      },
    });
    const { token } = await failing.signUp();
    const answer = await failing.send(toRequest("post", "/rooms", { token, body: { name: "x" } }));
    await failing.stop();
    expect(answer.problem()).toMatchObject({ status: 500, code: "internal" });
    expect(answer.text).not.toContain("pantheon_create_room");
    expect(failing.logged.find(({ level }) => level === "error")?.fields).toMatchObject({
      error: `PantheonError: ${message}`,
    });
  });
});
