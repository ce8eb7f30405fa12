import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiKey, CreatedApiKey, type Scope, scopes } from "../../src/contract/api-keys.ts";
import { Me } from "../../src/contract/auth.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { formatApiKey } from "../../src/domain/text/api-key.ts";
import { routes } from "../../src/http/routes.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
});
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown, token: string = ada.token) {
  return world.request(method, path, { token, ...(body === undefined ? {} : { body }) });
}

async function makeKey(more: object = {}): Promise<CreatedApiKey & { readonly secret: string }> {
  const made = (await ask("post", "/api_keys", { name: "CI", scopes: ["rooms:read"], ...more })).json(CreatedApiKey);
  if (made.secret === null) throw new Error("a new key without its secret");
  return { ...made, secret: made.secret };
}

describe("a new API key", () => {
  it("shows its secret once, and works at once", async () => {
    const made = await ask("post", "/api_keys", { name: "CI", scopes: ["rooms:read", "rooms:write"] });
    const { secret, ...key } = made.json(CreatedApiKey);
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/api_keys/${key.id}`]);
    expect(secret).toMatch(/^pan_live_[0-9a-f]{16}_[0-9a-f]{56}$/);
    expect(secret?.startsWith(`${key.prefix}_`)).toBe(true);
    const listed = await ask("get", "/api_keys");
    expect(listed.json(listOf(ApiKey)).data[0]).toEqual(key);
    expect(listed.text).not.toContain(secret);
    const room = (await ask("post", "/rooms", { name: "by key" }, secret ?? "")).json(Room);
    expect((await ask("get", `/rooms/${room.id}`)).json(Room)).toEqual(room);
  });

  it("is stored as a hash only", async () => {
    const { secret } = await makeKey();
    const [, rows] = await world.backend.runBatch([
      { sql: "set local role pantheon_system" },
      { sql: "select row_to_json(k)::text from api_keys k" },
    ]);
    expect(JSON.stringify(rows)).not.toContain(secret.slice("pan_live_".length + 17, -8));
  });

  it("says who its user is and what it may", async () => {
    const { secret } = await makeKey({ scopes: ["money:read", "rooms:read"] });
    const me = (await ask("get", "/auth/me", undefined, secret)).json(Me);
    expect(me).toMatchObject({ id: ada.id, via: "api_key", scopes: ["money:read", "rooms:read"] });
    expect((await ask("get", "/auth/me")).json(Me)).toMatchObject({ id: ada.id, via: "session", scopes: [...scopes] });
  });

  it("has an end in one form, as it will be listed", async () => {
    const { expires_at, id } = await makeKey({ expires_at: "2999-01-01T02:30:00.123456+02:30" });
    expect(expires_at).toBe("2999-01-01T00:00:00.123Z");
    const { data } = (await ask("get", "/api_keys")).json(listOf(ApiKey));
    expect(data.find((key) => key.id === id)?.expires_at).toBe(expires_at);
  });

  it.each([
    ["/expires_at", { expires_at: "2999-02-30T00:00:00Z" }],
    ["/expires_at", { expires_at: "2999-01-01" }],
    ["/expires_at", { expires_at: "2999-01-01T24:00:00Z" }],
    ["/expires_at", { expires_at: "tomorrow" }],
    ["/expires_at", { expires_at: 32503680000 }],
    ["/expires_at", { expires_at: "+292277-01-01T00:00:00Z" }],
    ["/expires_at", { expires_at: "9999-12-31T23:59:59-23:59" }],
    ["/expires_at", { expires_at: "0000-01-01T00:00:00Z" }],
    ["/expires_at", { expires_at: "0001-01-01T00:00:00+23:59" }],
    ["/expires_at", { expires_at: "2001-01-01T00:00:00Z" }],
    ["/scopes", { scopes: [] }],
    ["/scopes", { scopes: ["rooms:read", "rooms:read"] }],
    ["/scopes/0", { scopes: ["admin"] }],
    ["/scopes", { scopes: "rooms:read" }],
    ["/name", { name: "" }],
    ["/secret", { secret: "x" }],
  ])("is refused at %s", async (pointer, wrong) => {
    const body = { name: "CI", scopes: ["rooms:read"], ...wrong };
    const problem = (await ask("post", "/api_keys", body)).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect((await ask("get", "/api_keys")).status).toBe(200);
  });
});

describe("an API key that is not good", () => {
  it("is refused once revoked, everywhere and at once", async () => {
    const { id, secret } = await makeKey();
    expect((await ask("get", "/rooms", undefined, secret)).status).toBe(200);
    expect((await ask("delete", `/api_keys/${id}`)).status).toBe(204);
    for (const path of ["/rooms", "/auth/me", "/api_keys"])
      expect([path, (await ask("get", path, undefined, secret)).problem().status]).toEqual([path, 401]);
    expect((await ask("delete", `/api_keys/${id}`)).problem().code).toBe("not_found");
    const { data } = (await ask("get", "/api_keys")).json(listOf(ApiKey));
    expect(data.find((key) => key.id === id)?.revoked_at).not.toBeNull();
  });

  it("is refused from the moment it ends", async () => {
    const { secret } = await makeKey({ expires_at: "2999-01-01T00:00:00Z" });
    expect((await ask("get", "/rooms", undefined, secret)).status).toBe(200);
    await world.backend.runBatch([
      { sql: "set local role pantheon_system" },
      { sql: "update api_keys set expires_at = pantheon_now() where short = $1", params: [secret.slice(9, 25)] },
    ]);
    expect((await ask("get", "/rooms", undefined, secret)).problem().code).toBe("unauthorized");
  });

  it.each([
    [
      "another secret under a known name",
      (key: string) => formatApiKey({ short: key.slice(9, 25), long: "0".repeat(48) }),
    ],
    ["an unknown name", () => formatApiKey({ short: "0".repeat(16), long: "0".repeat(48) })],
    ["a wrong checksum", (key: string) => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")],
    ["a cut one", (key: string) => key.slice(0, 40)],
    ["capitals", (key: string) => key.replace("pan_live_", "pan_LIVE_")],
  ])("is refused: %s", async (_, spoil) => {
    const { secret } = await makeKey();
    const answer = await ask("get", "/rooms", undefined, spoil(secret));
    expect(answer.problem()).toMatchObject({ status: 401, code: "unauthorized" });
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="pantheon"');
  });

  it("asks the database nothing when its checksum is wrong", async () => {
    world.sqlTrips();
    await ask("get", "/rooms", undefined, `pan_live_${"0".repeat(16)}_${"0".repeat(56)}`);
    expect(world.sqlTrips()).toBe(0);
  });

  it("creates nothing once revoked", async () => {
    const { id, secret } = await makeKey({ scopes: ["rooms:write", "rooms:read"] });
    await ask("delete", `/api_keys/${id}`);
    const before = await countRooms();
    expect((await ask("post", "/rooms", { name: "x" }, secret)).status).toBe(401);
    expect(await countRooms()).toBe(before);
  });
});

async function countRooms(): Promise<string | null | undefined> {
  const [, counted] = await world.backend.runBatch([
    { sql: "set local role pantheon_system" },
    { sql: "select count(*) from rooms" },
  ]);
  return counted?.rows[0]?.[0];
}

describe("what an API key may not", () => {
  it("is to manage keys, whatever its scopes", async () => {
    const { id, secret } = await makeKey({ scopes: [...scopes] });
    for (const [method, path, body] of [
      ["get", "/api_keys"],
      ["post", "/api_keys", { name: "more", scopes: ["rooms:read"] }],
      ["delete", `/api_keys/${id}`],
    ] as const)
      expect((await ask(method, path, body, secret)).problem()).toMatchObject({ status: 403, code: "forbidden" });
  });

  const scoped = routes.flatMap(({ method, path, body, access }) =>
    access.kind === "scope" && access.scope !== null && body === undefined
      ? [{ method, path, scope: access.scope }]
      : [],
  );
  it.each(scoped)("is $method $path with every scope but $scope", async ({ method, path, scope }) => {
    const others = scopes.filter((one): one is Scope => one !== scope);
    const { secret } = await makeKey({ scopes: others });
    const address = path.replace(":agent_key", "critic").replaceAll(/:\w+/g, () => randomUUID());
    expect((await ask(method, address, undefined, secret)).problem()).toMatchObject({ status: 403, code: "forbidden" });
    const { secret: allowed } = await makeKey({ scopes: [scope] });
    expect([200, 404]).toContain((await ask(method, address, undefined, allowed)).status);
  });

  it("is to write a room with rooms:read", async () => {
    const { secret } = await makeKey({ scopes: ["rooms:read"] });
    const before = await countRooms();
    expect((await ask("post", "/rooms", { name: "x" }, secret)).problem().code).toBe("forbidden");
    expect(await countRooms()).toBe(before);
  });
});

describe("keys of others", () => {
  it("are neither listed nor revoked", async () => {
    const { id, secret } = await makeKey();
    const bob = await world.signUp();
    expect((await ask("get", "/api_keys", undefined, bob.token)).json(listOf(ApiKey)).data).toEqual([]);
    expect((await ask("delete", `/api_keys/${id}`, undefined, bob.token)).problem().code).toBe("not_found");
    expect((await ask("get", "/rooms", undefined, secret)).status).toBe(200);
  });
});
