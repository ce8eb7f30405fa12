import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { UsageRow } from "../../src/contract/usage.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { openPlace, type Place, seedCalls } from "../support/seed-money.ts";

const Page = listOf(UsageRow);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

function read(user: ApiUser, query: string): Promise<Answer> {
  return world.request("get", `/usage${query}`, { token: user.token });
}

const rowsOf = async (user: ApiUser, query: string) => (await read(user, query)).json(Page).data;
const keysOf = async (user: ApiUser, query: string) => (await rowsOf(user, query)).map(({ key }) => key);

async function newPlace(): Promise<Place> {
  return openPlace(world, await world.signUp());
}

describe("usage", () => {
  it("of somebody who made no call is an empty page", async () => {
    const page = await read(await world.signUp(), "");
    expect(page.json(Page)).toEqual({ data: [], has_more: false, next_cursor: null });
  });

  it("sums tokens, what was charged and what it cost, calls without a result too", async () => {
    const place = await newPlace();
    await seedCalls(world.backend, place, [
      {
        fresh: 100,
        cached: 50,
        output: 10,
        oeHundredths: 5000n,
        chargedUnits: 5_000_000n,
        costUsdPico: 31_000_000n,
        isEstimated: true,
      },
      { fresh: 7, output: 1, oeHundredths: 345n, creditUnits: 345_000n, status: "failed", costUsdPico: null },
      { fresh: 1, oeHundredths: 35n, creditUnits: 9n, chargedUnits: 3n, status: "aborted", costUsdPico: 1n },
    ]);
    expect(await rowsOf(place.user, "")).toEqual([
      {
        key: "2026-11-21",
        label: null,
        model_calls: 3,
        lost_calls: 0,
        fresh_tokens: 108,
        cached_tokens: 50,
        output_tokens: 11,
        oe: "53.8",
        credits: "0.005000003",
        cost_usd: "0.000031000001",
        is_estimated: true,
      },
    ]);
  });

  it("counts a lost attempt, and sums nothing of its bound", async () => {
    const place = await newPlace();
    const lost = { status: "lost", isEstimated: true, oeHundredths: 999n, creditUnits: 999n } as const;
    await seedCalls(world.backend, place, [lost, lost]);
    expect(await rowsOf(place.user, "")).toMatchObject([
      { model_calls: 0, lost_calls: 2, oe: "0", credits: "0", cost_usd: null, is_estimated: false },
    ]);
    await seedCalls(world.backend, place, [{ oeHundredths: 35n, costUsdPico: 0n }]);
    expect(await rowsOf(place.user, "")).toMatchObject([
      { model_calls: 1, lost_calls: 2, oe: "0.35", cost_usd: "0", is_estimated: false },
    ]);
  });

  it("is exact where a float, and a bigint of Postgres, would not be", async () => {
    const place = await newPlace();
    const odd = 2n ** 53n + 1n;
    const most = 2n ** 62n + 1n;
    await seedCalls(world.backend, place, [
      { purpose: "agent", chargedUnits: odd, costUsdPico: odd, oeHundredths: odd },
      { purpose: "agent", chargedUnits: odd, costUsdPico: odd, oeHundredths: odd },
      { purpose: "summary", chargedUnits: most, costUsdPico: most },
      { purpose: "summary", chargedUnits: most, costUsdPico: most },
    ]);
    expect(await rowsOf(place.user, "?group_by=purpose")).toMatchObject([
      { key: "agent", credits: "18014398.509481986", cost_usd: "18014.398509481986", oe: "180143985094819.86" },
      { key: "summary", credits: "9223372036.85477581", cost_usd: "9223372.03685477581" },
    ]);
  });

  it.each([
    ["agent", ["A-1", "ada", "bob"]],
    ["model", ["deepseek", "gpt-4o-mini"]],
    ["purpose", ["agent", "summary"]],
    ["day", ["2026-11-22", "2026-11-21"]],
  ])("by %s has a row per key, in order", async (group, keys) => {
    const place = await newPlace();
    await seedCalls(world.backend, place, [
      { agentKey: "bob", at: "2026-11-21T23:59:59.999999Z" },
      { agentKey: "A-1", at: "2026-11-22T00:00:00Z", modelAlias: "deepseek" },
      { agentKey: "ada", at: "2026-11-21T00:00:00Z", purpose: "summary" },
    ]);
    expect(await keysOf(place.user, `?group_by=${group}`)).toEqual(keys);
  });

  it("by room and by session bears their names, of deleted ones too", async () => {
    const [user, other] = [await world.signUp(), await world.signUp()];
    const [first, second, foreign] = [
      await openPlace(world, user, { room: "One", session: "Monday" }),
      await openPlace(world, user, { room: "Two" }),
      await openPlace(world, other, { room: "Foreign" }),
    ];
    for (const place of [first, second, foreign]) await seedCalls(world.backend, place, [{ chargedUnits: 1n }]);
    await world.request("delete", `/rooms/${second.room.id}`, { token: user.token });
    const named = async (group: string) =>
      (await rowsOf(user, `?group_by=${group}`)).map(({ key, label }) => [key, label]);
    const sorted = (pairs: readonly (readonly [string, string])[]) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(await named("room")).toEqual(
      sorted([
        [first.room.id, "One"],
        [second.room.id, "Two"],
      ]),
    );
    expect(await named("session")).toEqual(
      sorted([
        [first.session.id, "Monday"],
        [second.session.id, ""],
      ]),
    );
  });

  it("is nobody else's, in any grouping", async () => {
    const place = await newPlace();
    await seedCalls(world.backend, place, [{ chargedUnits: 1n }]);
    const stranger = await world.signUp();
    for (const group of ["day", "agent", "model", "room", "session", "purpose"])
      expect(await keysOf(stranger, `?group_by=${group}`)).toEqual([]);
  });
});

describe("the span of usage", () => {
  let place: Place;
  beforeAll(async () => {
    place = await newPlace();
    const moments = [
      "2026-11-20T23:59:59.999999Z",
      "2026-11-21T00:00:00Z",
      "2026-11-21T12:00:00Z",
      "2026-11-22T00:00:00Z",
    ];
    await seedCalls(
      world.backend,
      place,
      moments.map((at) => ({ at })),
    );
  });

  it.each([
    ["", 4],
    ["&from=2026-11-21", 3],
    ["&to=2026-11-21", 1],
    ["&from=2026-11-21&to=2026-11-22", 2],
    ["&from=2026-11-21T12:00:00Z&to=2026-11-22T00:00:00.000001Z", 2],
    ["&from=2026-11-21T02:00:00%2B02:00&to=2026-11-21T00:00:00.001Z", 1],
    ["&from=2026-11-23", 0],
  ])("with %j has %i calls: from counts, to does not, days are UTC", async (span, calls) => {
    const rows = await rowsOf(place.user, `?group_by=purpose${span}`);
    expect(rows.reduce((sum, { model_calls }) => sum + model_calls, 0)).toBe(calls);
  });

  it.each([
    ["from", "from=yesterday"],
    ["from", "from=2026-02-30"],
    ["from", "from=2026-11-21T00:00:00"],
    ["from", "from=1969-12-31"],
    ["from", "from=0000-01-01"],
    ["to", "to=20261121"],
    ["to", "to="],
    ["to", "from=2026-11-21&to=2026-11-21"],
    ["to", "from=2026-11-22&to=2026-11-21"],
    ["group_by", "group_by=user"],
    ["group_by", "group_by="],
    ["cursor", "cursor=2026-02-30"],
    ["cursor", "cursor=ada"],
    ["cursor", "group_by=room&cursor=ada"],
    ["cursor", "group_by=session&cursor=2026-11-21"],
    ["cursor", "group_by=agent&cursor=a%20b"],
    ["cursor", "group_by=model&cursor=%27"],
    ["cursor", "group_by=purpose&cursor=%00"],
    ["owner_id", "owner_id=1"],
  ])("is refused at %s for %s", async (field, query) => {
    const problem = (await read(place.user, `?${query}`)).problem();
    expect([problem.code, problem.errors?.map(({ pointer }) => pointer)]).toEqual([
      "validation_failed",
      [`/query/${field}`],
    ]);
  });
});
