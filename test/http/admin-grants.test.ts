import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Grant } from "../../src/contract/admin.ts";
import { listOf } from "../../src/contract/lists.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { openPlace } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const signupUnits = 100_000_000_000n;

describe.each(databaseKinds)("a grant on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  let admin: ApiUser;
  beforeAll(async () => {
    if (isMissing) return;
    world = await openApiWorld({ database: await open(), variables: { TURN_RATE_PER_MINUTE: "1000" } });
    admin = await world.signInAdmin();
  });
  afterAll(() => world?.stop());

  async function newUser(): Promise<ApiUser> {
    const user = await world.signUp();
    await world.request("get", "/auth/me", { token: user.token });
    return user;
  }

  function give(body: unknown, key?: string) {
    const headers = key === undefined ? {} : { "idempotency-key": key };
    return world.request("post", "/admin/grants", { token: admin.token, body, headers });
  }

  const grant = (user: ApiUser, credits = "12.5") => ({ user_id: user.id, credits, reason: "for the fair" });
  const rowsFor = (sql: string, id: string) => rowsAs(world.backend, "pantheon_system", { sql, params: [id] });
  const walletOf = async (id: string) => {
    const [row] = await rowsFor("select balance_units from accounts where owner_id = $1 and kind = 'wallet'", id);
    return BigInt(row?.[0] ?? "-1");
  };

  it.skipIf(isMissing)("is in the wallet at once, with who gave it and why, in two entries", async () => {
    const user = await newUser();
    const answer = await give({ ...grant(user, "9999.999999999"), reason: "  Welcome 🎉 " });
    expect(answer.status).toBe(201);
    const made = answer.json(Grant);
    expect(made).toMatchObject({
      user_id: user.id,
      credits: "9999.999999999",
      reason: "Welcome 🎉",
      granted_by: admin.id,
    });
    expect(await walletOf(user.id)).toBe(signupUnits + 9_999_999_999_999n);
    const entries = await rowsFor(
      "select account_kind, reason, amount_units, owner_id from ledger_entries where operation_key = 'grant:' || $1 order by 1",
      made.id,
    );
    expect(entries).toEqual([
      ["granted", "admin_grant", "-9999999999999", user.id],
      ["wallet", "admin_grant", "9999999999999", user.id],
    ]);
    const [row] = await rowsFor("select granted_by, reason, units from grants where id = $1", made.id);
    expect(row).toEqual([admin.id, "Welcome 🎉", "9999999999999"]);
  });

  it.skipIf(isMissing).each([
    ["0.000000001", "0.000000001"],
    ["10000", "10000"],
    ["10000.000000000", "10000"],
    ["1.50", "1.5"],
  ])("of %s is one of %s", async (credits, told) => {
    const user = await newUser();
    expect((await give(grant(user, credits))).json(Grant).credits).toBe(told);
  });

  it.skipIf(isMissing).each([
    ["/credits", { credits: "0" }],
    ["/credits", { credits: "0.000000000" }],
    ["/credits", { credits: "10000.000000001" }],
    ["/credits", { credits: "10001" }],
    ["/credits", { credits: "99999" }],
    ["/credits", { credits: "-1" }],
    ["/credits", { credits: "1e3" }],
    ["/credits", { credits: "0.0000000001" }],
    ["/credits", { credits: 5 }],
    ["/credits", { credits: null }],
    ["/reason", { reason: "" }],
    ["/reason", { reason: "  " }],
    ["/reason", { reason: "x".repeat(501) }],
    ["/reason", { reason: "a\0b" }],
    ["/user_id", { user_id: "ada" }],
    ["/granted_by", { granted_by: randomUUID() }],
  ])("is refused at %s when it says %j", async (pointer, wrong) => {
    const user = await newUser();
    const problem = (await give({ ...grant(user), ...wrong })).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await walletOf(user.id)).toBe(signupUnits);
  });

  it.skipIf(isMissing)("to a user who is unknown is a 404 like any other, and leaves nothing behind", async () => {
    const unknown = await world.signUp();
    for (const key of [undefined, randomUUID()]) {
      const answer = await give(grant(unknown), key);
      const missing = await world.request("get", `/rooms/${randomUUID()}`, { token: admin.token });
      const plain = (text: string, id: string) => text.replace(id, "");
      expect(plain(answer.text, answer.problem().request_id)).toBe(plain(missing.text, missing.problem().request_id));
    }
    expect(await rowsFor("select 1 from grants where owner_id = $1", unknown.id)).toEqual([]);
    const key = randomUUID();
    expect((await give(grant(unknown), key)).status).toBe(404);
    await world.request("get", "/auth/me", { token: unknown.token });
    const later = await give(grant(unknown), key);
    expect([later.status, later.headers.get("idempotent-replayed")]).toEqual([201, null]);
  });

  it.skipIf(isMissing)("is given once by 50 requests with one key at once", async () => {
    const user = await newUser();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => give(grant(user), key)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await walletOf(user.id)).toBe(signupUnits + 12_500_000_000n);
    expect(await rowsFor("select count(*) from grants where owner_id = $1", user.id)).toEqual([["1"]]);
  });

  it.skipIf(isMissing)("is not another one under the same key", async () => {
    const user = await newUser();
    const key = randomUUID();
    await give(grant(user), key);
    expect((await give(grant(user, "13"), key)).problem().code).toBe("idempotency_conflict");
    expect(await walletOf(user.id)).toBe(signupUnits + 12_500_000_000n);
  });

  it.skipIf(isMissing)("is another one without a key, and none is lost when many are given at once", async () => {
    const user = await newUser();
    const answers = await Promise.all(Array.from({ length: 20 }, () => give(grant(user, "0.000000001"))));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(await walletOf(user.id)).toBe(signupUnits + 20n);
  });

  it.skipIf(isMissing)("stands in the way of no turn that takes its hold at the same moment", async () => {
    const { user, room, session } = await openPlace(world, await newUser());
    const agent = { agent_key: "a", name: "A", model_alias: "gpt-4o-mini" };
    await world.request("post", `/rooms/${room.id}/agents`, { token: user.token, body: agent });
    const turn = { token: user.token, body: { message: "Hello", on_busy: "enqueue" } };
    const send = () => world.request("post", `/sessions/${session.id}/turns`, turn);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? send() : give(grant(user)))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from(answers, (_, index) => (index % 2 ? 202 : 201)));
    expect(await rowsFor("select * from pantheon_money_mismatches where owner_id = $1", user.id)).toEqual([]);
    const [row] = await rowsFor("select count(*) from holds where owner_id = $1", user.id);
    expect(row).toEqual(["20"]);
  });

  it.skipIf(isMissing)("is exact in a wallet that no float could hold", async () => {
    const user = await newUser();
    const large = 2n ** 62n;
    await rowsAs(world.backend, "pantheon_system", {
      sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        values ('test', $1, 'wallet', 'test', $2::bigint), ('test', $1, 'granted', 'test', -$2::bigint)`,
      params: [user.id, String(large)],
    });
    await give(grant(user, "0.000000001"));
    expect(await walletOf(user.id)).toBe(signupUnits + large + 1n);
  });

  it.skipIf(isMissing)("is listed, newest first, for all or for one user", async () => {
    const [ada, bob] = [await newUser(), await newUser()];
    const made: Grant[] = [];
    for (const user of [ada, bob, ada]) made.unshift((await give(grant(user))).json(Grant));
    const list = async (query: string) =>
      (await world.request("get", `/admin/grants${query}`, { token: admin.token })).json(listOf(Grant));
    expect((await list("?limit=3")).data).toEqual(made);
    const own = made.filter(({ user_id }) => user_id === ada.id);
    const first = await list(`?user_id=${ada.id.toUpperCase()}&limit=1`);
    expect([first.data, first.has_more]).toEqual([own.slice(0, 1), true]);
    const rest = await list(`?user_id=${ada.id}&limit=1&cursor=${first.next_cursor}`);
    expect([rest.data, rest.has_more, rest.next_cursor]).toEqual([own.slice(1), false, null]);
    expect((await list(`?user_id=${randomUUID()}`)).data).toEqual([]);
    expect((await list("?limit=100")).data.length).toBeGreaterThanOrEqual(made.length);
  });
});
