import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent } from "../../src/contract/agents.ts";
import { CreatedApiKey, scopes } from "../../src/contract/api-keys.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { ToolServer } from "../../src/contract/tool-servers.ts";
import { CreatedWebhookEndpoint } from "../../src/contract/webhooks.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/routes.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { fillPath, paramNames, sampleBody } from "../support/route-samples.ts";
import { loosen, plantRows, rowsAs, tenantTables } from "../support/tenant-rows.ts";

type Ids = Readonly<Record<string, string>>;

interface Tenant extends ApiUser {
  readonly ids: Ids;
}

let world: ApiWorld;
let ada: Tenant;
let bob: Tenant;
let expired: string;
let revoked: string;

beforeAll(async () => {
  world = await openApiWorld();
  const [one, other] = [await openTenant("ada-agent"), await openTenant("bob-agent")];
  await loosen(world.backend);
  ada = { ...one, ids: { ...idsOf(await plantRows(world.backend, one.id)), ...one.ids } };
  bob = { ...other, ids: { ...idsOf(await plantRows(world.backend, other.id)), ...other.ids } };
  expired = await world.mint({ claims: { sub: ada.id }, expires_in_seconds: -1 });
  revoked = await revokedKey();
});
afterAll(() => world.stop());

/** What `:turn_id` may be: the id of a row planted in `turns`. */
function idsOf(idByTable: ReadonlyMap<string, string>): Ids {
  return Object.fromEntries(
    Array.from(idByTable, ([table, id]) => [`${table.replace(/ies$/, "y").replace(/s$/, "")}_id`, id]),
  );
}

async function openTenant(agent_key: string): Promise<Tenant> {
  const user = await world.signUp();
  const post = (path: string, body: object) => world.request("post", path, { token: user.token, body });
  const room = (await post("/rooms", { name: `${agent_key}'s room` })).json(Room).id;
  (await post(`/rooms/${room}/agents`, { agent_key, name: "A", model_alias: "gpt-4o-mini" })).json(Agent);
  const session = (await post(`/rooms/${room}/sessions`, {})).json(Session).id;
  const key = (await post("/api_keys", { name: "k", scopes: ["rooms:read"] })).json(CreatedApiKey).id;
  const server = { name: `${agent_key}-server`, url: "https://example.com/mcp" };
  (await post(`/rooms/${room}/tool_servers`, server)).json(ToolServer);
  const hook = { url: "https://example.com/hook" };
  const endpoint = (await post("/webhook_endpoints", hook)).json(CreatedWebhookEndpoint).id;
  return {
    ...user,
    ids: {
      room_id: room,
      agent_key,
      session_id: session,
      api_key_id: key,
      tool_server_name: server.name,
      webhook_endpoint_id: endpoint,
      pricing_version_id: "2026-02-20",
    },
  };
}

async function revokedKey(): Promise<string> {
  const body = { name: "gone", scopes: [...scopes] };
  const made = (await world.request("post", "/api_keys", { token: ada.token, body })).json(CreatedApiKey);
  await world.request("delete", `/api_keys/${made.id}`, { token: ada.token });
  return made.secret ?? "";
}

function ask(route: Route, ids: Ids, token: string | null): Promise<Answer> {
  const body = sampleBody(route);
  return world.request(route.method, fillPath(route, ids), { token, ...(body === undefined ? {} : { body }) });
}

/** All of an answer but what must differ. */
function fingerprint({ status, headers, text }: Answer): readonly unknown[] {
  const ours = [...headers].filter(([name]) => name !== "x-request-id" && name !== "ratelimit");
  return [status, ours, text.replace(headers.get("x-request-id") ?? "", "")];
}

async function rowCounts(): Promise<unknown> {
  const counted = [];
  for (const { name, owner } of await tenantTables(world.backend)) {
    const sql = `select count(*), md5(string_agg(t::text, '' order by t::text)) from "${name}" t where "${owner}" = $1`;
    counted.push([name, ...(await rowsAs(world.backend, "pantheon_system", { sql, params: [ada.id] }))]);
  }
  return counted;
}

const guarded = routes.filter(({ access }) => access.kind !== "public");
const forAdmins = guarded.filter(({ access }) => access.kind === "admin");
const withIds = guarded
  .filter((route) => !forAdmins.includes(route))
  .flatMap((route) => paramNames(route).map((param) => ({ ...route, param, route })));

it("knows a value for every parameter of every route", () => {
  const names = new Set(withIds.map(({ param }) => param));
  for (const name of names) expect([name, ada.ids[name] !== undefined]).toEqual([name, true]);
});

describe("an id of somebody else", () => {
  it.each(withIds)("is to $method $path as if $param were not there", async ({ route, param }) => {
    const before = await rowCounts();
    const missing = param === "agent_key" ? "nobody" : randomUUID();
    const theirs = await ask(route, { ...bob.ids, [param]: ada.ids[param] ?? "" }, bob.token);
    const absent = await ask(route, { ...bob.ids, [param]: missing }, bob.token);
    expect(theirs.problem().code).toBe("not_found");
    expect(fingerprint(theirs)).toEqual(fingerprint(absent));
    expect(await rowCounts()).toEqual(before);
  });

  it.each(withIds)("is to $method $path as if nothing of the path were there ($param)", async ({ route }) => {
    const before = await rowCounts();
    const theirs = await ask(route, ada.ids, bob.token);
    const missing = Object.fromEntries(paramNames(route).map((name) => [name, randomUUID()]));
    expect(fingerprint(theirs)).toEqual(fingerprint(await ask(route, missing, bob.token)));
    expect(theirs.status).toBe(404);
    expect(await rowCounts()).toEqual(before);
  });
});

describe("what is for administrators", () => {
  it("is looked at here", () => expect(forAdmins.length).toBeGreaterThan(0));

  it.each(forAdmins)("is to $method $path for Bob and his key as if it were not there", async (route) => {
    const body = { name: "all", scopes: [...scopes] };
    const made = (await world.request("post", "/api_keys", { token: bob.token, body })).json(CreatedApiKey);
    const before = [await rowCounts(), await pricesThere()];
    const absent = await world.request("get", `/rooms/${randomUUID()}`, { token: bob.token });
    for (const token of [bob.token, made.secret]) {
      for (const ids of [ada.ids, inventedIds(route)])
        expect(fingerprint(await ask(route, ids, token))).toEqual(fingerprint(absent));
    }
    expect(absent.problem().code).toBe("not_found");
    const nowhere = await world.request("get", "/nowhere", { token: bob.token });
    expect(fingerprint(nowhere).at(-1)).toEqual(fingerprint(absent).at(-1));
    expect([await rowCounts(), await pricesThere()]).toEqual(before);
  });

  function pricesThere(): Promise<unknown> {
    const sql = "select count(*), (select count(*) from model_prices) from pricing_versions";
    return rowsAs(world.backend, "pantheon_system", { sql });
  }
});

describe("a caller who is nobody", () => {
  const strangers = [
    ["no token", () => null],
    ["an expired token", () => expired],
    ["a revoked key", () => revoked],
  ] as const;

  it.each(guarded.flatMap((route) => strangers.map(([title, token]) => ({ ...route, route, title, token }))))(
    "learns nothing at $method $path with $title",
    async ({ route, token }) => {
      const before = await rowCounts();
      const answers = [
        await ask(route, ada.ids, token()),
        await ask(route, { ...ada.ids, ...inventedIds(route) }, token()),
      ];
      for (const answer of answers) {
        expect(answer.problem()).toMatchObject({ status: 401, code: "unauthorized" });
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="pantheon"');
      }
      const [real, invented] = answers;
      if (real !== undefined && invented !== undefined) expect(fingerprint(real)).toEqual(fingerprint(invented));
      expect(await rowCounts()).toEqual(before);
    },
  );
});

function inventedIds(route: Route): Ids {
  return Object.fromEntries(paramNames(route).map((name) => [name, randomUUID()]));
}

describe("lists", () => {
  it.each(guarded.filter((route) => route.method === "get"))("$path says nothing of Ada's to Bob", async (route) => {
    const answer = await ask(route, bob.ids, bob.token);
    const secrets = [ada.id, ...Object.values(ada.ids)];
    expect(secrets.filter((secret) => answer.text.includes(secret))).toEqual([]);
  });
});
