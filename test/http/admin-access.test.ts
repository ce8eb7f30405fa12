import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey, scopes } from "../../src/contract/api-keys.ts";
import { routes } from "../../src/http/routes.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { fillPath, sampleBody } from "../support/route-samples.ts";

const adminRoutes = routes.filter(({ access }) => access.kind === "admin");
const ids = { pricing_version_id: "2026-02-20" };

let world: ApiWorld;
let admin: ApiUser;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
  admin = await world.signInAdmin();
  ada = await world.signUp();
});
afterAll(() => world.stop());

async function keyOf(user: ApiUser): Promise<string> {
  const body = { name: "all", scopes: [...scopes] };
  const made = (await world.request("post", "/api_keys", { token: user.token, body })).json(CreatedApiKey);
  return made.secret ?? "";
}

it("there are eight admin addresses, and the document says that they are", async () => {
  expect(adminRoutes.map(({ operationId }) => operationId).sort()).toEqual([
    "createGrant",
    "createPricingVersion",
    "getAccountTotals",
    "getPricingVersion",
    "listGrants",
    "listPlatformUsage",
    "listPlatformWaste",
    "listPricingVersions",
  ]);
  const { text } = await world.request("get", "/openapi.json");
  expect(text.match(/"x-admin-only":true/g)).toHaveLength(adminRoutes.length);
});

describe("an administrator", () => {
  it.each(adminRoutes.filter(({ method }) => method === "get"))("may $method $path", async (route) => {
    expect((await world.request("get", fillPath(route, ids), { token: admin.token })).status).toBe(200);
  });

  it("is one of those whom ADMIN_USER_IDS names, however it is written", async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const several = await openApiWorld({ variables: { ADMIN_USER_IDS: ` ${one.toUpperCase()} ,${two},` } });
    const statusOf = async (sub: string) =>
      (await several.request("get", "/admin/accounts", { token: await several.mint({ claims: { sub } }) })).status;
    const statuses = [await statusOf(one), await statusOf(two), await statusOf(randomUUID())];
    await several.stop();
    expect(statuses).toEqual([200, 200, 404]);
  });

  it("is nobody where ADMIN_USER_IDS is empty", async () => {
    const nobody = await openApiWorld({ variables: { ADMIN_USER_IDS: "" } });
    const { token } = await nobody.signInAdmin();
    const { status } = await nobody.request("get", "/admin/accounts", { token });
    await nobody.stop();
    expect(status).toBe(404);
  });

  it.each(adminRoutes)("may not $method $path with a key, whatever its scopes", async (route) => {
    const secret = await keyOf(admin);
    const body = sampleBody(route);
    const sent = { token: secret, ...(body === undefined ? {} : { body }) };
    expect((await world.request(route.method, fillPath(route, ids), sent)).problem().code).toBe("not_found");
  });

  it("is not made by a claim that a user's token may carry", async () => {
    const claims = { sub: ada.id, app_metadata: { role: "admin" }, user_metadata: { admin: true } };
    const token = await world.mint({ claims });
    expect((await world.request("get", "/admin/accounts", { token })).status).toBe(404);
  });
});

describe("anybody else", () => {
  it.each(adminRoutes.filter(({ body }) => body !== undefined))(
    "gets the same 404 at $method $path, whatever the body",
    async ({ method, path }) => {
      const texts = [];
      for (const sent of [{}, { rawBody: "{" }, { body: {} }, { body: { user_id: ada.id } }]) {
        const answer = await world.request(method, path, { token: ada.token, ...sent });
        texts.push(answer.text.replace(answer.problem().request_id, ""));
      }
      const missing = await world.request("get", "/nowhere");
      expect(new Set([...texts, missing.text.replace(missing.problem().request_id, "")]).size).toBe(1);
    },
  );

  it("is told nothing by an Idempotency-Key that an administrator used", async () => {
    const body = { user_id: ada.id, credits: "1", reason: "x" };
    const headers = { "idempotency-key": "shared" };
    await world.request("get", "/auth/me", { token: ada.token });
    expect((await world.request("post", "/admin/grants", { token: admin.token, body, headers })).status).toBe(201);
    const answer = await world.request("post", "/admin/grants", { token: ada.token, body, headers });
    expect(answer.problem().code).toBe("not_found");
  });

  it("costs no round trip with a token, and the one that proves it with a key", async () => {
    const secret = await keyOf(ada);
    for (const [token, trips] of [
      [ada.token, 0],
      [secret, 1],
    ] as const) {
      world.sqlTrips();
      for (const path of ["/admin/accounts", "/admin/usage?period=nonsense"])
        expect((await world.request("get", path, { token })).status).toBe(404);
      expect(world.sqlTrips()).toBe(2 * trips);
    }
  });
});
