import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { PricingVersion, PricingVersionSummary } from "../../src/contract/pricing.ts";
import { Turn } from "../../src/contract/turns.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { openPlace } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const price = {
  alias: "gpt-4o-mini",
  provider_model: "openai/gpt-4o-mini",
  context_limit: 128_000,
  multiplier: "1.25",
  input_usd_per_million: "0.15",
  cached_usd_per_million: "0",
  output_usd_per_million: "0.600001",
};
const faraway = "2999-01-01T00:00:00Z";

describe.each(databaseKinds)("pricing versions on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  let admin: ApiUser;
  beforeAll(async () => {
    if (isMissing) return;
    world = await openApiWorld({ database: await open() });
    admin = await world.signInAdmin();
  });
  afterAll(() => world?.stop());

  const newId = () => `v-${randomUUID()}`;
  const version = (more: object = {}) => ({ id: newId(), effective_at: faraway, prices: [price], ...more });
  function add(body: unknown, key?: string) {
    const headers = key === undefined ? {} : { "idempotency-key": key };
    return world.request("post", "/admin/pricing_versions", { token: admin.token, body, headers });
  }
  const read = (path: string) => world.request("get", `/admin/pricing_versions${path}`, { token: admin.token });
  const count = async () =>
    (await rowsAs(world.backend, "pantheon_system", { sql: "select count(*) from model_prices" }))[0];

  it.skipIf(isMissing)("begin with the one of 2026-02-20", async () => {
    const seeded = (await read("/2026-02-20")).json(PricingVersion);
    expect(seeded).toMatchObject({ id: "2026-02-20", effective_at: "2026-02-20T00:00:00.000Z" });
    expect(Object.fromEntries(seeded.prices.map(({ alias, multiplier }) => [alias, multiplier]))).toEqual({
      deepseek: "0.5",
      "gemini-flash": "0.8",
      "gemini-pro": "1.2",
      "gpt-4o-mini": "1",
      "gpt-4o": "2",
      "claude-haiku": "0.8",
      "claude-sonnet": "1.5",
    });
    expect(seeded.prices.find(({ alias }) => alias === "gemini-flash")).toMatchObject({
      provider_model: "google/gemini-2.5-flash",
      context_limit: 1_048_576,
      cached_usd_per_million: "0.075",
    });
  });

  it.skipIf(isMissing)("are read back as they were added, to the last digit", async () => {
    const prices = [
      { ...price, alias: "Z", multiplier: "9999.999", input_usd_per_million: "999999.999999" },
      { ...price, alias: "a", multiplier: "0.001", context_limit: 2048, output_usd_per_million: "0.000001" },
      { ...price, alias: "b", multiplier: "1.500" },
    ];
    const answer = await add(version({ effective_at: "2999-01-01T02:00:00.5+02:00", prices }));
    const made = answer.json(PricingVersion);
    expect([answer.status, answer.headers.get("location")]).toEqual([201, `/api/v1/admin/pricing_versions/${made.id}`]);
    expect(made.effective_at).toBe("2999-01-01T00:00:00.500Z");
    expect(made.prices).toEqual([prices[0], prices[1], { ...prices[2], multiplier: "1.5" }]);
    expect((await read(`/${made.id}`)).json(PricingVersion)).toEqual(made);
  });

  it.skipIf(isMissing).each([
    ["/id", { id: "" }],
    ["/id", { id: "x".repeat(65) }],
    ["/id", { id: "Summer" }],
    ["/id", { id: "a b" }],
    ["/id", { id: "../x" }],
    ["/effective_at", { effective_at: "2026-02-20" }],
    ["/effective_at", { effective_at: "2020-01-01T00:00:00Z" }],
    ["/prices", { prices: [] }],
    ["/prices", { prices: [price, { ...price, multiplier: "2" }] }],
    ["/prices/0/alias", { prices: [{ ...price, alias: "a b" }] }],
    ["/prices/0/provider_model", { prices: [{ ...price, provider_model: " " }] }],
    ["/prices/0/context_limit", { prices: [{ ...price, context_limit: 2047 }] }],
    ["/prices/0/context_limit", { prices: [{ ...price, context_limit: 10_000_001 }] }],
    ["/prices/0/multiplier", { prices: [{ ...price, multiplier: "0" }] }],
    ["/prices/0/multiplier", { prices: [{ ...price, multiplier: "0.000" }] }],
    ["/prices/0/multiplier", { prices: [{ ...price, multiplier: "0.0001" }] }],
    ["/prices/0/multiplier", { prices: [{ ...price, multiplier: "10000" }] }],
    ["/prices/0/multiplier", { prices: [{ ...price, multiplier: 1 }] }],
    ["/prices/0/input_usd_per_million", { prices: [{ ...price, input_usd_per_million: "-1" }] }],
    ["/prices/0/cached_usd_per_million", { prices: [{ ...price, cached_usd_per_million: "0.0000001" }] }],
    ["/prices/0/output_usd_per_million", { prices: [{ ...price, output_usd_per_million: null }] }],
    ["/prices/0/note", { prices: [{ ...price, note: "x" }] }],
  ])("are refused at %s when they say %j, and leave nothing", async (pointer, wrong) => {
    const before = await count();
    const problem = (await add(version(wrong), randomUUID())).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await count()).toEqual(before);
  });

  it.skipIf(isMissing)("may begin now by the database's clock, give or take a minute, but no earlier", async () => {
    const [row] = await rowsAs(world.backend, "pantheon_system", {
      sql: "select extract(epoch from pantheon_now())::text",
    });
    const ago = (seconds: number) => new Date((Number(row?.[0]) - seconds) * 1000).toISOString();
    expect((await add(version({ effective_at: ago(120) }))).problem().errors).toEqual([
      { pointer: "/effective_at", message: "must not be in the past" },
    ]);
    expect((await add(version({ effective_at: ago(20) }))).status).toBe(201);
  });

  it.skipIf(isMissing)("are never replaced: the same id is a conflict, unless the request is the same", async () => {
    const body = version();
    const key = randomUUID();
    const first = await add(body, key);
    expect((await add(body)).problem()).toMatchObject({ status: 409, code: "conflict" });
    expect((await add(body, randomUUID())).problem().code).toBe("conflict");
    expect((await add({ ...body, prices: [{ ...price, multiplier: "2" }] }, key)).problem().code).toBe(
      "idempotency_conflict",
    );
    const again = await add(body, key);
    expect([again.status, again.text, again.headers.get("idempotent-replayed")]).toEqual([201, first.text, "true"]);
    expect((await read(`/${body.id}`)).text).toBe(first.text);
  });

  it.skipIf(isMissing)("are made once by 20 requests for one id at once", async () => {
    const body = version();
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => add(body)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it.skipIf(isMissing).each(["/nothing", "/Nothing", "/%00", `/${"x".repeat(65)}`, "/2026-02-20/prices"])(
    "answer %s with the 404 of all that is missing",
    async (path) => {
      const [answer, missing] = [await read(path), await world.request("get", "/nowhere", { token: admin.token })];
      const plain = (text: string, id: string) => text.replace(id, "");
      expect(plain(answer.text, answer.problem().request_id)).toBe(plain(missing.text, missing.problem().request_id));
    },
  );

  it.skipIf(isMissing)("are listed by when they begin, the last first, across pages", async () => {
    const base = `z${randomUUID()}`;
    const at = (minute: number) => `9000-01-01T00:0${minute}:00.00${minute}Z`;
    const made = [];
    for (const [suffix, minute] of [
      ["a", 1],
      ["b_c", 1],
      ["d", 3],
      ["e", 2],
    ] as const)
      made.push((await add(version({ id: `${base}${suffix}`, effective_at: at(minute) }))).json(PricingVersion).id);
    const list = async (query: string) => (await read(query)).json(listOf(PricingVersionSummary));
    const wanted = [made[2], made[3], made[1], made[0]];
    expect((await list("?limit=4")).data.map(({ id }) => id)).toEqual(wanted);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null && seen.length < 4) {
      const page: Awaited<ReturnType<typeof list>> = await list(
        `?limit=1${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(wanted);
    const all = await list("?limit=100");
    expect([all.data.at(-1)?.id, all.next_cursor]).toEqual(["2026-02-20", null]);
    for (const wrong of ["x", "2026-02-20", "9999-99-99T00:00:00.000Z_a", `${at(1)}_`, `${at(1)}_A`])
      expect((await read(`?cursor=${encodeURIComponent(wrong)}`)).problem().errors?.[0]?.pointer).toBe("/query/cursor");
  });
});

describe("a new version", () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApiWorld();
  });
  afterAll(async () => {
    await world.stop();
  });

  const inForce = async () => {
    const sql =
      "select distinct pricing_version, (select multiplier_milli from current_model_prices where alias = 'gpt-4o-mini') from current_model_prices";
    return await rowsAs(world.backend, "pantheon_system", { sql });
  };
  const planOf = async (id: string) => {
    const sql = "select plan->>'pricing_version', plan->'agents'->0->>'multiplier_milli' from turns where id = $1";
    return (await rowsAs(world.backend, "pantheon_system", { sql, params: [id] }))[0];
  };

  it("prices the next turn from the moment it begins, and no turn that was there before", async () => {
    const admin = await world.signInAdmin();
    const { user, room, session } = await openPlace(world, await world.signUp());
    const post = (path: string, body: object, { token }: ApiUser = user) =>
      world.request("post", path, { token, body });
    await post(`/rooms/${room.id}/agents`, { agent_key: "a", name: "A", model_alias: "gpt-4o-mini" });
    const send = async () =>
      (await post(`/sessions/${session.id}/turns`, { message: "Hello", on_busy: "enqueue" })).json(Turn).id;
    const addVersion = async (id: string, effective_at: Date, multiplier: string) => {
      const body = { id, effective_at: effective_at.toISOString(), prices: [{ ...price, multiplier }] };
      expect((await post("/admin/pricing_versions", body, admin)).status).toBe(201);
    };
    const before = await send();
    expect(await planOf(before)).toEqual(["2026-02-20", "1000"]);

    const inAnHour = new Date(Date.now() + 3_600_000);
    await addVersion("later", inAnHour, "3");
    await addVersion("now", new Date(), "2");
    expect(await inForce()).toEqual([["now", "2000"]]);
    const between = await send();
    await world.backend.run({
      sql: `create or replace function pantheon_now() returns timestamptz language sql stable as $$ select now() + interval '61 minutes' $$`,
    });
    expect(await inForce()).toEqual([["later", "3000"]]);
    const after = await send();
    expect(await Promise.all([before, between, after].map(planOf))).toEqual([
      ["2026-02-20", "1000"],
      ["now", "2000"],
      ["later", "3000"],
    ]);
  });
});
