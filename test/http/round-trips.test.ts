import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey, scopes } from "../../src/contract/api-keys.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { CreatedWebhookEndpoint } from "../../src/contract/webhooks.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/routes.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { fillPath, paramNames, sampleBody } from "../support/route-samples.ts";

/** Asked of a vendor or of nobody, or the probe itself. */
const withoutDatabase = ["getProblemType", "getHealth", "getReadiness", "getVersion", "getOpenApi", "getDocs"];

/** Writes that first read what they decide by. */
const twoTrips = ["createAgent", "createTurn"];

let world: ApiWorld;
let ada: ApiUser;
let admin: ApiUser;
let secret: string;
let ids: Record<string, string>;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
  admin = await world.signInAdmin();
  const post = (path: string, body: object) => world.request("post", path, { token: ada.token, body });
  secret = (await post("/api_keys", { name: "k", scopes: [...scopes] })).json(CreatedApiKey).secret ?? "";
  const room = (await post("/rooms", { name: "x" })).json(Room).id;
  await post(`/rooms/${room}/agents`, { agent_key: "a", name: "A", model_alias: "gpt-4o-mini" });
  const session = (await post(`/rooms/${room}/sessions`, {})).json(Session).id;
  await post(`/rooms/${room}/tool_servers`, { name: "tools", url: "https://example.com/mcp" });
  const hook = { url: "https://example.com/hook" };
  const endpoint = (await post("/webhook_endpoints", hook)).json(CreatedWebhookEndpoint).id;
  ids = {
    room_id: room,
    agent_key: "a",
    session_id: session,
    tool_server_name: "tools",
    webhook_endpoint_id: endpoint,
    pricing_version_id: "2026-02-20",
    code: "not_found",
  };
});
afterAll(() => world.stop());

function tripsOf(route: Route, token: string): Promise<readonly [number, number]> {
  const path = fillPath(route, {
    ...Object.fromEntries(paramNames(route).map((name) => [name, randomUUID()])),
    ...ids,
  });
  const body = route.operationId === "createTurn" ? { message: "Hello" } : sampleBody(route);
  world.sqlTrips();
  return world
    .request(route.method, path, { token, ...(body === undefined ? {} : { body }) })
    .then(({ status }) => [status, world.sqlTrips()] as const);
}

const tokenFor = ({ access }: Route) => (access.kind === "admin" ? admin.token : ada.token);
const touching = routes.filter(({ operationId }) => !withoutDatabase.includes(operationId));

describe("one round trip to the database", () => {
  it.each(touching.filter(({ method }) => method === "get"))("is all that $operationId takes", async (route) => {
    const [status, trips] = await tripsOf(route, tokenFor(route));
    expect([200, 404]).toContain(status);
    expect(trips).toBe(1);
  });

  it.each(touching.filter(({ method, access }) => method === "get" && access.kind === "scope"))(
    "is all that $operationId takes with an API key",
    async (route) => {
      expect((await tripsOf(route, secret))[1]).toBe(1);
    },
  );

  it.each(touching.filter(({ operationId }) => twoTrips.includes(operationId)))(
    "and one more is all that $operationId takes",
    async (route) => {
      const [status, trips] = await tripsOf(route, tokenFor(route));
      expect([201, 202]).toContain(status);
      expect(trips).toBe(2);
    },
  );

  it.each(touching.filter(({ method, operationId }) => method !== "get" && !twoTrips.includes(operationId)))(
    "is all that $operationId takes",
    async (route) => {
      const [status, trips] = await tripsOf(route, tokenFor(route));
      expect(status).toBeLessThan(500);
      expect(trips).toBe(1);
    },
  );

  it.each(routes.filter(({ operationId }) => withoutDatabase.includes(operationId) && operationId !== "getReadiness"))(
    "is more than $operationId takes",
    async (route) => {
      const [status, trips] = await tripsOf(route, tokenFor(route));
      expect([status, trips]).toEqual([200, 0]);
    },
  );

  it.each(routes.filter(({ access }) => access.kind === "admin"))(
    "is more than $operationId takes for a user who is no administrator",
    async (route) => expect(await tripsOf(route, ada.token)).toEqual([404, 0]),
  );

  it("is spent on nobody without a valid token", async () => {
    world.sqlTrips();
    for (const token of [null, "junk", await world.mint({ expires_in_seconds: -1 })])
      await world.request("get", "/rooms", { token });
    expect(world.sqlTrips()).toBe(0);
  });
});
