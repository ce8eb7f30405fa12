import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PricingVersion } from "../../src/contract/pricing.ts";
import { Quote } from "../../src/contract/quotes.ts";
import { Turn } from "../../src/contract/turns.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { openPlace, type Place } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const priceOf = (alias: string, multiplier: string) => ({
  alias,
  provider_model: `some/${alias}`,
  context_limit: 128_000,
  multiplier,
  input_usd_per_million: "0.15",
  cached_usd_per_million: "0",
  output_usd_per_million: "0.6",
});

let world: ApiWorld;
let admin: ApiUser;
let place: Place;
beforeEach(async () => {
  world = await openApiWorld();
  admin = await world.signInAdmin();
  place = await openPlace(world, await world.signUp());
});
afterEach(() => world.stop());

const post = (path: string, body: object, { token }: ApiUser = place.user) =>
  world.request("post", path, { token, body });

function add(id: string, effectiveAt: Date, prices: readonly object[]) {
  return post("/admin/pricing_versions", { id, effective_at: effectiveAt.toISOString(), prices }, admin);
}

async function priced(id: string, effectiveAt: Date, prices: readonly object[]) {
  expect((await add(id, effectiveAt, prices)).status).toBe(201);
}

function seat(alias: string) {
  return post(`/rooms/${place.room.id}/agents`, { agent_key: alias, name: alias, model_alias: alias });
}

async function inForce(): Promise<Readonly<Record<string, string | null>>> {
  const sql = "select alias, pricing_version || ' ' || multiplier_milli from current_model_prices order by 1";
  const rows = await rowsAs(world.backend, "pantheon_system", { sql });
  return Object.fromEntries(rows.map(([alias = "", price]) => [alias, price ?? null]));
}

function underVersion(version: string, prices: Readonly<Record<string, string | null>>) {
  return Object.fromEntries(
    Object.entries(prices).map(([alias, price]) => [alias, `${version} ${price?.split(" ")[1]}`]),
  );
}

async function anHourLater(): Promise<void> {
  await world.backend.run({
    sql: `create or replace function pantheon_now() returns timestamptz language sql stable as $$ select now() + interval '61 minutes' $$`,
  });
}

async function quoteAgents() {
  const path = `/sessions/${place.session.id}/turns/quote`;
  return (await post(path, { message: "Hello" })).json(Quote);
}

describe("a version that names some aliases", () => {
  it("adds a new one and leaves every other at its price", async () => {
    const before = await inForce();
    expect(Object.keys(before)).toHaveLength(7);
    await priced("v1", new Date(), [priceOf("newcomer", "3")]);
    expect(await inForce()).toEqual({ ...underVersion("v1", before), newcomer: "v1 3000" });
    for (const alias of [...Object.keys(before), "newcomer"]) expect((await seat(alias)).status).toBe(201);
  });

  it("leaves what a turn costs, and says which version is in force", async () => {
    await seat("gpt-4o");
    const before = await quoteAgents();
    await priced("v1", new Date(), [priceOf("newcomer", "3")]);
    expect(await quoteAgents()).toEqual({ ...before, pricing_version: "v1" });
  });

  it("changes one alias, on top of the version before", async () => {
    const before = await inForce();
    await priced("v1", new Date(), [priceOf("newcomer", "3")]);
    await priced("v2", new Date(), [priceOf("gpt-4o", "9")]);
    expect(await inForce()).toEqual({ ...underVersion("v2", before), newcomer: "v2 3000", "gpt-4o": "v2 9000" });
    for (const alias of ["gpt-4o", "newcomer", "deepseek"]) await seat(alias);
    const turn = (await post(`/sessions/${place.session.id}/turns`, { message: "Hello" })).json(Turn);
    const sql = `select plan->>'pricing_version', jsonb_path_query_array(plan, '$.agents[0 to 2].multiplier_milli') from turns where id = $1`;
    expect(await rowsAs(world.backend, "pantheon_system", { sql, params: [turn.id] })).toEqual([
      ["v2", "[9000, 3000, 500]"],
    ]);
  });

  it("shows the prices that it names and no other", async () => {
    await priced("v1", new Date(), [priceOf("newcomer", "3")]);
    const path = "/admin/pricing_versions/v1";
    const version = (await world.request("get", path, { token: admin.token })).json(PricingVersion);
    expect(version.prices).toEqual([priceOf("newcomer", "3")]);
  });
});

describe("two versions that begin in another order than they were added", () => {
  it("are both in force once the last has begun", async () => {
    const before = await inForce();
    await priced("later", new Date(Date.now() + 3_600_000), [priceOf("gpt-4o", "9")]);
    await priced("now", new Date(), [priceOf("newcomer", "3")]);
    expect(await inForce()).toEqual({ ...underVersion("now", before), newcomer: "now 3000" });
    await anHourLater();
    const both = { ...underVersion("later", before), newcomer: "later 3000", "gpt-4o": "later 9000" };
    expect(await inForce()).toEqual(both);
  });

  it("never change the prices of one that is in force: none may begin before it", async () => {
    const now = new Date();
    await priced("v2", now, [priceOf("gpt-4o", "9")]);
    const before = await inForce();
    for (const [id, at] of [
      ["v3", new Date(now.getTime() - 20_000)],
      ["v1", now],
    ] as const)
      expect((await add(id, at, [priceOf("deepseek", "9")])).problem()).toMatchObject({
        status: 422,
        errors: [{ pointer: "/effective_at", message: "must come after the beginning of the version in force" }],
      });
    expect(await inForce()).toEqual(before);
  });
});
