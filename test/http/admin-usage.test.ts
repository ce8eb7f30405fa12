import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AccountTotals, PlatformUsage, PlatformWaste } from "../../src/contract/admin.ts";
import { listOf } from "../../src/contract/lists.ts";
import { formatCredits } from "../../src/domain/money/credits.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { type Call, openPlace, type Place, seedCalls } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

let world: ApiWorld;
let admin: ApiUser;
let ada: Place;
let bob: Place;
beforeAll(async () => {
  world = await openApiWorld();
  admin = await world.signInAdmin();
  ada = await openPlace(world, await world.signUp());
  bob = await openPlace(world, await world.signUp());
});
afterAll(() => world.stop());

const usage = async (query: string) =>
  (await world.request("get", `/admin/usage?${query}`, { token: admin.token })).json(listOf(PlatformUsage));
const waste = async (query: string) =>
  (await world.request("get", `/admin/waste?${query}`, { token: admin.token })).json(listOf(PlatformWaste));
const starts = (page: { data: readonly { period_start: string }[] }) =>
  page.data.map(({ period_start }) => period_start);
const call = (at: string, more: Call = {}): Call => ({ at, fresh: 1, ...more });

/** What the platform paid of an owner's metered calls, as the engine books it. */
async function book({ user }: Place, key: string, at: string, units: { waste?: bigint; variance?: bigint }) {
  const { waste: wasted = 0n, variance = 0n } = units;
  await rowsAs(world.backend, "pantheon_system", {
    sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, created_at)
      select $1, $2, e.kind, 'settle', e.units, $3::timestamptz
      from (values ('revenue', $4::bigint + $5::bigint), ('waste', -$4::bigint), ('variance', -$5::bigint)) as e(kind, units) where e.units <> 0`,
    params: [key, user.id, at, String(wasted), String(variance)],
  });
}

describe("usage of the platform", () => {
  it("adds up the calls of all users by period", async () => {
    const lost: Call = { status: "lost", fresh: 0, creditUnits: 7n, isEstimated: true };
    const first = {
      fresh: 100,
      cached: 50,
      output: 10,
      creditUnits: 5_000_000n,
      chargedUnits: 4_000_000n,
      costUsdPico: 3n,
    };
    await seedCalls(world.backend, ada, [
      call("2026-03-02T10:00:00Z", first),
      call("2026-03-02T23:59:59.999Z", { status: "failed", fresh: 0, costUsdPico: null }),
      call("2026-03-02T11:00:00Z", lost),
    ]);
    await seedCalls(world.backend, bob, [
      call("2026-03-02T00:00:00Z", { output: 1, chargedUnits: 1n, costUsdPico: 39n }),
    ]);
    const day = {
      period_start: "2026-03-02",
      active_users: 2,
      model_calls: 3,
      lost_calls: 1,
      fresh_tokens: 101,
      cached_tokens: 50,
      output_tokens: 11,
      credits_metered: "0.005000008",
      credits_charged: "0.004000001",
      cost_usd: "0.000000000042",
    };
    const span = "from=2026-03-02&to=2026-03-03";
    expect((await usage(span)).data).toEqual([day]);
    expect((await usage(`period=week&${span}`)).data).toEqual([day]);
    expect((await usage(`period=month&${span}`)).data).toEqual([{ ...day, period_start: "2026-03-01" }]);
  });

  it("has weeks that begin on Monday, and months, across the ends of years, in UTC", async () => {
    const moments = [
      "2020-12-28T00:00:00Z",
      "2021-01-03T23:59:59.999Z",
      "2021-01-04T00:00:00Z",
      "2021-01-31T23:30:00-00:30",
    ];
    await seedCalls(
      world.backend,
      ada,
      moments.map((at) => call(at)),
    );
    const span = "from=2020-12-01&to=2021-03-01";
    expect(starts(await usage(`period=week&${span}`))).toEqual(["2021-02-01", "2021-01-04", "2020-12-28"]);
    expect((await usage(`period=week&${span}`)).data.map(({ model_calls }) => model_calls)).toEqual([1, 1, 2]);
    expect(starts(await usage(`period=month&${span}`))).toEqual(["2021-02-01", "2021-01-01", "2020-12-01"]);
    expect(starts(await usage(span))).toEqual(["2021-02-01", "2021-01-04", "2021-01-03", "2020-12-28"]);
  });

  it("counts from a moment to just before another", async () => {
    await seedCalls(
      world.backend,
      ada,
      ["2019-05-01T00:00:00Z", "2019-05-01T12:00:00Z", "2019-05-02T00:00:00Z"].map((at) => call(at)),
    );
    const calls = async (query: string) => (await usage(query)).data.map(({ model_calls }) => model_calls);
    expect(await calls("from=2019-05-01&to=2019-05-02")).toEqual([2]);
    expect(await calls("from=2019-05-01T12:00:00Z&to=2019-06-01")).toEqual([1, 1]);
    expect(await calls("from=2019-05-01T14:00:00%2B02:00&to=2019-05-02T00:00:00.001Z")).toEqual([1, 1]);
    expect(await calls("from=2019-05-03&to=2019-05-04")).toEqual([]);
  });

  it.each(["day", "week", "month"])("goes on by cursor through every %s, once and in order", async (period) => {
    const days = Array.from({ length: 9 }, (_, index) => `2018-0${index + 1}-15T12:00:00Z`);
    if (period === "day")
      await seedCalls(
        world.backend,
        ada,
        days.map((at) => call(at)),
      );
    const span = `period=${period}&from=2018-01-01&to=2018-12-31`;
    const whole = await usage(`${span}&limit=100`);
    expect(whole.data).toHaveLength(9);
    const seen: PlatformUsage[] = [];
    let cursor = "";
    do {
      const page = await usage(`${span}&limit=2${cursor}`);
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...page.data);
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(whole.data);
  });

  it("is exact above all that a float can hold, and above one bigint", async () => {
    const large = 2n ** 62n + 1n;
    const huge = { creditUnits: large, chargedUnits: large - 1n, costUsdPico: large };
    await seedCalls(
      world.backend,
      ada,
      [1, 2, 3].map(() => call("2017-01-01T00:00:00Z", huge)),
    );
    const [row] = (await usage("from=2017-01-01&to=2017-01-02")).data;
    expect(row).toMatchObject({
      credits_metered: formatCredits(3n * large),
      credits_charged: formatCredits(3n * large - 3n),
      cost_usd: "13835058.055282163715",
    });
  });

  it("says null where no provider named a cost, and what free calls cost where one did", async () => {
    await seedCalls(world.backend, ada, [
      call("2016-01-01T00:00:00Z"),
      call("2016-01-02T00:00:00Z", { costUsdPico: 0n }),
    ]);
    const costs = (await usage("from=2016-01-01&to=2016-01-03")).data.map(({ cost_usd }) => cost_usd);
    expect(costs).toEqual(["0", null]);
  });

  it.each([
    ["/query/period", "period=year"],
    ["/query/period", "period=week'"],
    ["/query/from", "from=yesterday"],
    ["/query/from", "from=2026-02-30"],
    ["/query/to", "to=0000-01-01"],
    ["/query/to", "from=2026-01-02&to=2026-01-02"],
    ["/query/to", "from=2026-01-02&to=2026-01-01"],
    ["/query/cursor", "cursor=2026-13-01"],
    ["/query/limit", "limit=101"],
    ["/query/user_id", "user_id=x"],
  ])("refuses %s of %s", async (pointer, query) => {
    for (const path of ["/admin/usage", "/admin/waste"]) {
      const problem = (await world.request("get", `${path}?${query}`, { token: admin.token })).problem();
      expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    }
  });
});

describe("waste of the platform", () => {
  it("is what it paid in its users' place, beside the attempts that came to nothing", async () => {
    await book(ada, "one", "2015-06-01T10:00:00Z", { waste: 3n, variance: 20n });
    await book(bob, "two", "2015-06-01T20:00:00Z", { waste: 4n });
    await book(bob, "three", "2015-06-08T00:00:00Z", { variance: 5n });
    const attempts = ["lost", "failed", "aborted", "ok"] as const;
    await seedCalls(
      world.backend,
      ada,
      attempts.map((status) => call("2015-06-01T10:00:00Z", { status })),
    );
    await seedCalls(world.backend, bob, [call("2015-06-03T10:00:00Z", { status: "lost" })]);
    const span = "from=2015-06-01&to=2015-07-01";
    const row = (
      period_start: string,
      [wasted = "0", variance = "0"]: string[],
      lost_calls: number,
      failed_calls: number,
    ) => ({
      period_start,
      waste_credits: wasted,
      variance_credits: variance,
      lost_calls,
      failed_calls,
    });
    expect((await waste(span)).data).toEqual([
      row("2015-06-08", ["0", "0.000000005"], 0, 0),
      row("2015-06-03", [], 1, 0),
      row("2015-06-01", ["0.000000007", "0.00000002"], 1, 2),
    ]);
    expect((await waste(`period=week&${span}`)).data).toEqual([
      row("2015-06-08", ["0", "0.000000005"], 0, 0),
      row("2015-06-01", ["0.000000007", "0.00000002"], 2, 2),
    ]);
    const first = await waste(`${span}&limit=2`);
    const rest = await waste(`${span}&limit=2&cursor=${first.next_cursor}`);
    expect([starts(first), starts(rest), rest.next_cursor]).toEqual([
      ["2015-06-08", "2015-06-03"],
      ["2015-06-01"],
      null,
    ]);
  });

  it("is exact above all that a float can hold", async () => {
    const large = 2n ** 61n + 1n;
    await book(ada, "large", "2014-06-01T10:00:00Z", { waste: large });
    await book(bob, "large", "2014-06-02T10:00:00Z", { waste: large, variance: 1n });
    const [row] = (await waste("period=month&from=2014-01-01&to=2015-01-01")).data;
    expect(row).toMatchObject({ waste_credits: formatCredits(2n * large), variance_credits: "0.000000001" });
  });
});

describe("the accounts of all users", () => {
  const read = async () => (await world.request("get", "/admin/accounts", { token: admin.token })).json(AccountTotals);

  it("come to zero, before and after money is given, to the last digit", async () => {
    const before = await read();
    expect(before.sum).toBe("0");
    const body = { user_id: ada.user.id, credits: "0.000000001", reason: "one unit" };
    await world.request("post", "/admin/grants", { token: admin.token, body });
    const after = await read();
    expect(after.sum).toBe("0");
    const unit = (credits: string) => BigInt(credits.includes(".") ? credits.replace(".", "") : `${credits}000000000`);
    expect(unit(after.totals.granted) - unit(before.totals.granted)).toBe(-1n);
    expect(unit(after.totals.wallet) - unit(before.totals.wallet)).toBe(1n);
  });

  it("agree with the entries, kind by kind", async () => {
    const rows = await rowsAs(world.backend, "pantheon_system", {
      sql: "select account_kind, sum(amount_units)::text from ledger_entries group by 1",
    });
    const byKind = Object.fromEntries(rows.map(([kind, units]) => [kind, formatCredits(BigInt(units ?? "0"))]));
    expect((await read()).totals).toEqual({ held: "0", ...byKind });
  });
});
