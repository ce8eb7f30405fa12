import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { Budgets } from "../../src/contract/budgets.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { rowsAs } from "../support/tenant-rows.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
  const lastMoment =
    "create or replace function pantheon_now() returns timestamptz language sql stable as $$ select timestamptz '2026-12-31T23:59:59.999999Z' $$";
  await world.backend.run({ sql: lastMoment });
});
afterAll(() => world.stop());

const read = async ({ token }: ApiUser) => (await world.request("get", "/budgets", { token })).json(Budgets);
const put = ({ token }: ApiUser, body: unknown) => world.request("put", "/budgets", { token, body });

/** Days from now, as the database counts them. */
async function count(
  user: ApiUser,
  scope: "day" | "month",
  daysAway: number,
  spent: bigint,
  held: bigint,
): Promise<void> {
  const format = scope === "day" ? "YYYY-MM-DD" : "YYYY-MM";
  await rowsAs(world.backend, "pantheon_system", {
    sql: `insert into budget_counters (owner_id, scope, scope_key, spent_units, held_units)
      values ($1, $2, to_char(pantheon_now() at time zone 'UTC' + $3::int * interval '1 day', $4), $5, $6)`,
    params: [user.id, scope, String(daysAway), format, String(spent), String(held)],
  });
}

const budgetUnits = (user: ApiUser) =>
  rowsAs(world.backend, "pantheon_system", {
    sql: "select per_day_units, per_month_units from user_budgets where owner_id = $1",
    params: [user.id],
  });

describe("budgets", () => {
  it("are none, and nothing counts against them, until they are set", async () => {
    expect(await read(await world.signUp())).toEqual({
      per_day: null,
      per_month: null,
      today: { day: "2026-12-31", spent: "0", held: "0" },
      this_month: { month: "2026-12", spent: "0", held: "0" },
    });
  });

  it("are set both at once, to the last digit, and read as they were answered", async () => {
    const user = await world.signUp();
    const answer = await put(user, { per_day: "12.50", per_month: "999999999.999999999" });
    expect(answer.json(Budgets)).toMatchObject({ per_day: "12.5", per_month: "999999999.999999999" });
    expect(await read(user)).toEqual(answer.json(Budgets));
    expect(await budgetUnits(user)).toEqual([["12500000000", "999999999999999999"]]);
  });

  it("are replaced, so that null takes one away and zero allows nothing", async () => {
    const user = await world.signUp();
    await put(user, { per_day: "1", per_month: "2" });
    expect((await put(user, { per_day: null, per_month: "0" })).json(Budgets)).toMatchObject({
      per_day: null,
      per_month: "0",
    });
    expect(await budgetUnits(user)).toEqual([[null, "0"]]);
  });

  it("are the same however often they are sent, at once too", async () => {
    const user = await world.signUp();
    const body = { per_day: "1", per_month: null };
    const answers = await Promise.all(Array.from({ length: 4 }, () => put(user, body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await budgetUnits(user)).toEqual([["1000000000", null]]);
  });

  it("tell what counts against them today and this month, exactly, and nothing of other days", async () => {
    const user = await world.signUp();
    await read(user);
    const large = 2n ** 53n + 1n;
    await count(user, "day", 0, large, 7n);
    await count(user, "day", -1, 1n, 1n);
    await count(user, "day", 1, 1n, 1n);
    await count(user, "month", 0, large + 1n, 8n);
    await count(user, "month", -32, 1n, 1n);
    const { today, this_month } = await read(user);
    expect(today).toMatchObject({ spent: "9007199.254740993", held: "0.000000007" });
    expect(this_month).toMatchObject({ spent: "9007199.254740994", held: "0.000000008" });
    const answer = (await put(user, { per_day: "1", per_month: null })).json(Budgets);
    expect([answer.today, answer.this_month]).toEqual([today, this_month]);
  });

  it.each([
    ["/per_month", { per_day: "1" }],
    ["/per_day", { per_month: "1" }],
    ["/per_day", { per_day: 1, per_month: null }],
    ["/per_day", { per_day: "-1", per_month: null }],
    ["/per_day", { per_day: "1e3", per_month: null }],
    ["/per_month", { per_day: null, per_month: "0.0000000001" }],
    ["/per_month", { per_day: null, per_month: "1000000000" }],
    ["/per_turn", { per_day: null, per_month: null, per_turn: "1" }],
    ["/owner_id", { per_day: null, per_month: null, owner_id: "0190a000-0000-7000-8000-000000000001" }],
  ])("are refused at %s, and stay as they were", async (pointer, body) => {
    const user = await world.signUp();
    await put(user, { per_day: "3", per_month: "4" });
    const problem = (await put(user, body)).problem();
    expect([problem.status, problem.errors?.map((error) => error.pointer)]).toEqual([422, [pointer]]);
    expect(await read(user)).toMatchObject({ per_day: "3", per_month: "4" });
  });

  it("are each user's own", async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    await put(ada, { per_day: "1", per_month: "2" });
    await count(ada, "day", 0, 5n, 5n);
    expect(await read(bob)).toMatchObject({ per_day: null, per_month: null, today: { spent: "0", held: "0" } });
    await put(bob, { per_day: "9", per_month: "9" });
    expect(await read(ada)).toMatchObject({ per_day: "1", per_month: "2" });
  });

  it("are read by a key that may read money, and set only by one that may write it", async () => {
    const user = await world.signUp();
    const keyOf = async (scope: string) => {
      const body = { name: "k", scopes: [scope] };
      const made = (await world.request("post", "/api_keys", { token: user.token, body })).json(CreatedApiKey);
      return { id: user.id, token: made.secret ?? "" };
    };
    const [reader, writer] = [await keyOf("money:read"), await keyOf("money:write")];
    expect((await put(reader, { per_day: "1", per_month: null })).problem().code).toBe("forbidden");
    expect((await read(reader)).per_day).toBeNull();
    expect((await put(writer, { per_day: "1", per_month: null })).status).toBe(200);
    expect((await read(reader)).per_day).toBe("1");
  });
});

describe("the budget of a room and of a session", () => {
  it.each([
    ["room", "rooms"],
    ["session", "sessions"],
  ])("is stored in units by a new %s and by a change, and null clears it", async (kind, table) => {
    const { token } = await world.signUp();
    const send = (method: string, path: string, body: object) => world.request(method, path, { token, body });
    const room = (await send("post", "/rooms", { name: "Home", budget: "1.000000001" })).json(Room);
    const session = (await send("post", `/rooms/${room.id}/sessions`, { budget: "1.000000001" })).json(Session);
    const path = kind === "room" ? `/rooms/${room.id}` : `/sessions/${session.id}`;
    const id = kind === "room" ? room.id : session.id;
    const stored = () =>
      rowsAs(world.backend, "pantheon_system", {
        sql: `select budget_units from ${table} where id = $1`,
        params: [id],
      });
    expect(await stored()).toEqual([["1000000001"]]);
    await send("patch", path, { budget: "2" });
    expect(await stored()).toEqual([["2000000000"]]);
    await send("patch", path, kind === "room" ? { name: "Renamed" } : { title: "Renamed" });
    expect(await stored()).toEqual([["2000000000"]]);
    await send("patch", path, { budget: null });
    expect(await stored()).toEqual([[null]]);
  });
});
