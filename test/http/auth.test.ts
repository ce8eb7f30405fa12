import { createHmac, randomUUID } from "node:crypto";
import { exportSPKI, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Me } from "../../src/contract/auth.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { rowsAs } from "../support/tenant-rows.ts";

describe("an access token", () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApiWorld();
  });
  afterAll(() => world.stop());

  const me = (authorization: string) => world.request("get", "/auth/me", { headers: { authorization } });
  const bearer = async (mint: object) => `Bearer ${await world.mint(mint)}`;

  it("names its user, whose address follows the token", async () => {
    const sub = randomUUID();
    const first = (await me(await bearer({ claims: { sub, email: "old@example.com" } }))).json(Me);
    expect(first).toMatchObject({ id: sub, email: "old@example.com", via: "session" });
    const later = (await me(await bearer({ claims: { sub, email: "new@example.com" } }))).json(Me);
    expect(later).toEqual({ ...first, email: "new@example.com" });
    expect((await me(await bearer({ claims: { sub, email: null } }))).json(Me).email).toBe("new@example.com");
  });

  it.each(["bearer", "BEARER", "Bearer  "])("is found behind %s", async (scheme) => {
    expect((await me(`${scheme} ${await world.mint({})}`)).status).toBe(200);
  });

  it.each<[string, object]>([
    ["expired", { expires_in_seconds: 0 }],
    ["of another issuer", { claims: { iss: "https://evil.example/auth/v1" } }],
    ["for another audience", { claims: { aud: "anon" } }],
    ["of nobody's role", { claims: { role: "anon" } }],
    ["of the project's own role", { claims: { role: "service_role" } }],
    ["without a role", { claims: { role: null } }],
    ["of a stranger's key", { is_key_unpublished: true }],
    ["without a subject", { claims: { sub: null } }],
    ["of a subject that is no UUID", { claims: { sub: "admin" } }],
    ["without an end", { claims: { exp: null } }],
    ["not yet good", { claims: { nbf: 4_000_000_000 } }],
  ])("is refused: %s", async (_, mint) => {
    const answer = await me(await bearer(mint));
    expect(answer.problem()).toMatchObject({ status: 401, code: "unauthorized" });
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="pantheon"');
  });

  it("leaves no trace of its user when it is refused", async () => {
    const sub = randomUUID();
    await me(await bearer({ claims: { sub, aud: "anon" } }));
    await me(await bearer({ claims: { sub }, is_key_unpublished: true }));
    const sql = { sql: "select count(*) from users where id = $1", params: [sub] };
    expect(await rowsAs(world.backend, "pantheon_system", sql)).toEqual([["0"]]);
  });

  it("is refused with alg none, and with the public key as an HS256 secret", async () => {
    const { url } = world.cloud.standIns.supabase;
    const body: unknown = await (await fetch(`${url}/auth/v1/.well-known/jwks.json`)).json();
    const [jwk] = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }).parse(body).keys;
    if (jwk === undefined) throw new Error("no key is published");
    const pem = await exportSPKI(z.instanceof(CryptoKey).parse(await importJWK(jwk, "ES256", { extractable: true })));
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [, payload = ""] = (await world.mint({})).split(".");
    const none = `${encode({ alg: "none", kid: jwk.kid })}.${payload}.`;
    const unsigned = `${encode({ alg: "HS256", kid: jwk.kid })}.${payload}`;
    const forged = `${unsigned}.${createHmac("sha256", pem).update(unsigned).digest("base64url")}`;
    for (const token of [none, forged]) expect((await me(`Bearer ${token}`)).problem().status).toBe(401);
  });

  it.each([
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Token x",
    "Bearer a b",
    "Bearer ..",
    "Bearer pan_",
    "Bearer pan_live_x",
    `Bearer ${"a".repeat(7000)}`,
  ])("is missing or junk: %.30s", async (authorization) => {
    expect((await me(authorization)).problem()).toMatchObject({ status: 401, code: "unauthorized" });
  });
});

describe("the sign-in service away", () => {
  it("is a 503 that says when to come back, until its keys are known, and nothing afterwards", async () => {
    const world = await openApiWorld();
    const { token } = await world.signUp();
    await world.setFaults("supabase", { jwks_down: true });
    const cold = await world.request("get", "/auth/me", { token });
    expect(cold.problem()).toMatchObject({ status: 503, code: "dependency_unavailable" });
    expect(cold.headers.get("retry-after")).toBe("30");
    await world.setFaults("supabase", {});
    expect((await world.request("get", "/auth/me", { token })).status).toBe(200);
    await world.setFaults("supabase", { down: true });
    expect((await world.request("get", "/auth/me", { token })).status).toBe(200);
    await world.stop();
  });
});

describe.each(databaseKinds)("the first sight of a user on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  beforeAll(async () => {
    if (!isMissing) world = await openApiWorld({ database: await open(), variables: { SIGNUP_GRANT_CREDITS: "12.5" } });
  });
  afterAll(() => world?.stop());

  const read = (sql: string, ...params: string[]) => rowsAs(world.backend, "pantheon_system", { sql, params });
  const balances = [
    ["granted", "-12500000000"],
    ["held", "0"],
    ["revenue", "0"],
    ["variance", "0"],
    ["wallet", "12500000000"],
    ["waste", "0"],
  ];

  it.skipIf(isMissing)("makes the user, six accounts and one grant, of 20 requests at once", async () => {
    const { id, token } = await world.signUp();
    const bodies = Array.from({ length: 20 }, (_, index) => ({ name: `room ${index}` }));
    const answers = await Promise.all(bodies.map((body) => world.request("post", "/rooms", { token, body })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(await read("select kind, balance_units from accounts where owner_id = $1 order by kind", id)).toEqual(
      balances,
    );
    const entries = "select account_kind, reason, amount_units from ledger_entries where owner_id = $1 order by 1";
    expect(await read(entries, id)).toEqual([
      ["granted", "signup_grant", "-12500000000"],
      ["wallet", "signup_grant", "12500000000"],
    ]);
  });

  it.skipIf(isMissing)("happens on a read as well, and never again", async () => {
    const { id, token } = await world.signUp();
    for (let visit = 0; visit < 3; visit += 1)
      expect((await world.request("get", "/rooms", { token })).status).toBe(200);
    expect(await read("select kind, balance_units from accounts where owner_id = $1 order by kind", id)).toEqual(
      balances,
    );
  });

  it.skipIf(isMissing).each<[string, object]>([
    ["is anonymous", { is_anonymous: true }],
    ["is anonymous and has no address", { is_anonymous: true, email: "", user_metadata: {} }],
    ["has no address", { email: null }],
    ["has not confirmed the address", { user_metadata: { email_verified: false } }],
    ["has no proof of it", { user_metadata: {} }],
    ["has no metadata", { user_metadata: null }],
    ["says yes in a word", { user_metadata: { email_verified: "true" } }],
  ])("lets a user in who %s, and grants nothing until the address is confirmed, and then once", async (_, claims) => {
    const sub = randomUUID();
    const visit = async (more: object) =>
      (await world.request("get", "/rooms", { token: await world.mint({ claims: { sub, ...more } }) })).status;
    const wallet = () => read("select balance_units from accounts where owner_id = $1 and kind = 'wallet'", sub);
    expect([await visit(claims), await visit(claims)]).toEqual([200, 200]);
    expect(await wallet()).toEqual([["0"]]);
    const confirmed = await Promise.all(Array.from({ length: 5 }, () => visit({})));
    expect(confirmed).toEqual(Array(5).fill(200));
    expect([await visit(claims), await visit({})]).toEqual([200, 200]);
    expect(await wallet()).toEqual([["12500000000"]]);
  });

  it.skipIf(isMissing)("keeps every balance equal to the sum of its ledger, and the whole at zero", async () => {
    const off = `select a.owner_id, a.kind from accounts a left join ledger_entries e on e.owner_id = a.owner_id and e.account_kind = a.kind
      group by a.owner_id, a.kind, a.balance_units having a.balance_units <> coalesce(sum(e.amount_units), 0)`;
    expect(await read(off)).toEqual([]);
    expect(
      await read("select sum(amount_units), sum(amount_units) filter (where amount_units > 0) > 0 from ledger_entries"),
    ).toEqual([["0", "t"]]);
  });

  it.skipIf(isMissing)("refuses money that does not sum to zero, and a wallet below it", async () => {
    const { id, token } = await world.signUp();
    await world.request("get", "/auth/me", { token });
    const move = (wallet: string, held: string) =>
      read(
        `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
         values ('x', $1, 'wallet', 'test', $2), ('x', $1, 'held', 'test', $3)`,
        id,
        wallet,
        held,
      );
    await expect(move("-2", "1")).rejects.toMatchObject({ details: { constraint: "ledger_entries_sum_zero" } });
    await expect(move("-12500000001", "12500000001")).rejects.toMatchObject({
      details: { constraint: "accounts_user_money_never_negative" },
    });
    await move("-12500000000", "12500000000");
    await expect(read("update ledger_entries set amount_units = 5")).rejects.toMatchObject({
      details: { code: "42501" },
    });
  });
});
