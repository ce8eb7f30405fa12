import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api.ts";

const allowed = "https://app.example.com";
let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld({ variables: { CORS_ALLOWED_ORIGINS: `${allowed}, http://localhost:5173` } });
});
afterAll(() => world.stop());

const from = (origin: string, more: object = {}) => ({ headers: { origin, ...more } });
const preflight = (origin: string) =>
  world.request(
    "options",
    "/rooms",
    from(origin, { "access-control-request-method": "POST", "access-control-request-headers": "idempotency-key" }),
  );

describe("a browser on another origin", () => {
  it.each([allowed, "http://localhost:5173"])("is let in when it is configured: %s", async (origin) => {
    const { headers } = await world.request("get", "/health", from(origin));
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("vary")).toContain("Origin");
    expect(headers.has("access-control-allow-credentials")).toBe(false);
  });

  it.each([
    "https://evil.example",
    "null",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://APP.example.com",
    "https://app.example.com:8443",
    "*",
  ])("is not let in otherwise: %s", async (origin) => {
    for (const answer of [await world.request("get", "/health", from(origin)), await preflight(origin)])
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  });

  it("learns before it asks what it may send", async () => {
    const answer = await preflight(allowed);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    const list = (name: string) => answer.headers.get(name)?.split(/,\s*/) ?? [];
    expect(list("access-control-allow-methods")).toEqual(
      expect.arrayContaining(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    );
    expect(list("access-control-allow-headers")).toEqual(
      expect.arrayContaining([
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "Last-Event-ID",
        "Prefer",
      ]),
    );
    expect(answer.headers.get("access-control-max-age")).toBe("600");
  });

  it.each([
    ["an answer", "/health"],
    ["a 401", "/rooms"],
    ["a 404", "/nowhere"],
  ])("may read the headers that a client needs, of %s", async (_, path) => {
    const { headers } = await world.request("get", path, from(allowed));
    expect(headers.get("access-control-allow-origin")).toBe(allowed);
    expect(headers.get("access-control-expose-headers")?.split(/,\s*/)).toEqual(
      expect.arrayContaining(["ETag", "Location", "X-Request-Id", "RateLimit", "Retry-After", "Idempotent-Replayed"]),
    );
  });
});
