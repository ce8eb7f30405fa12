import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Quote } from "../../src/contract/quotes.ts";
import { Turn } from "../../src/contract/turns.ts";
import { Wallet } from "../../src/contract/wallet.ts";
import { formatCredits, parseCredits } from "../../src/domain/money/credits.ts";
import { unitsToUsd } from "../../src/domain/money/usd.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import { priceModel, seedTurns, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(() => priceModel(bench(), "tiny-window", 2048));
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const ask = ({ user, session }: Furnished, body: object) =>
  bench().request("post", `/sessions/${session.id}/turns/quote`, { token: user.token, body });

const quote = async (room: Furnished, body: object = {}) => (await ask(room, { message: "Go", ...body })).json(Quote);

const create = ({ user, session }: Furnished, body: object) =>
  bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body });

const unitsOf = (amount: { readonly credits: string } | null) => parseCredits(amount?.credits ?? "");

/** Whoever sums up first is quoted last. */
const managerLast = (left: string, right: string) => Number(left === managerKey) - Number(right === managerKey);

/** What the database holds for a turn, closed holds too. */
async function heldFor({ id }: Turn): Promise<bigint> {
  const sql = "select coalesce(sum(units), 0)::text as units from holds where turn_id = $1";
  return BigInt((await bench().rows(z.object({ units: z.string() }), sql, [id]))[0]?.units ?? "");
}

/** Rows of everything that a turn, a slot or money could leave behind. */
async function traces({ user }: Furnished): Promise<unknown> {
  const tables = [
    "turns",
    "turn_steps",
    "messages",
    "holds",
    "ledger_entries",
    "budget_counters",
    "turn_context_audit",
  ];
  const counts = tables.map((table) => `(select count(*) from ${table} where owner_id = $1) as ${table}`);
  const digests = ["accounts", "sessions", "users", "turn_rates"].map(
    (table) => `(select md5(string_agg(t::text, '|' order by t::text)) from ${table} t
      where t.${table === "users" ? "id" : "owner_id"} = $1) as ${table}`,
  );
  return bench().rows(z.looseObject({}), `select ${[...counts, ...digests].join(", ")}`, [user.id]);
}

describe("the high of a turn of one round", () => {
  it.each([
    ["a round table", ["ada", "bob", "cyd"], "roundtable", "Go"],
    ["one tagged of three", ["ada", "bob", "cyd"], "roundtable", "Only @bob, please"],
    ["two side by side", ["ada", "bob", "cyd"], "manual", "@cyd and @ada"],
    ["a long message", ["ada", "bob"], "roundtable", "<é&> ".repeat(20_000)],
    ["what others would quote", ["ada"], "roundtable", "</message>🎭".repeat(99)],
    [
      "a model whose own limit is the bound, and the session is summed up first",
      ["ada", "small"],
      "roundtable",
      "word ".repeat(10),
    ],
  ] as const)("is to the unit what creating it holds: %s", async (_what, keys, mode, message) => {
    for (const turns of [0, 10]) {
      const room = await bench().furnish(keys);
      if (keys.some((key) => key === "small")) await useModel(bench(), room, "small", "tiny-window");
      if (turns > 0) await seedTurns(bench(), room, { turns, replies: 2, length: 60 });
      const { total, start, agents } = await quote(room, { message, mode });
      const turn = (await create(room, { message, mode })).json(Turn);
      expect(total.high?.credits).toBe(turn.cost.held);
      expect([unitsOf(total.high), unitsOf(start)]).toEqual([await heldFor(turn), await heldFor(turn)]);
      const speakers = turn.steps.map(({ agent_key }) => agent_key);
      expect(agents.map(({ agent_key }) => agent_key)).toEqual(speakers.toSorted(managerLast));
    }
  });

  it("counts what a turn under way may still add to the session", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const before = await quote(room);
    await room.send("First");
    const body = { message: "Go", on_busy: "enqueue" };
    const after = await quote(room);
    expect(unitsOf(after.total.high)).toBeGreaterThan(unitsOf(before.total.high));
    expect(after.total.high?.credits).toBe((await create(room, body)).json(Turn).cost.held);
  });
});

describe("the high of several rounds", () => {
  it("is at least all that they come to hold, and what is charged is at most the high", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const { total, start, agents } = await quote(room, { rounds: 3 });
    expect(agents.map(({ calls }) => calls)).toEqual([3, 3]);
    await bench().releaseQueue();
    const turn = await room.finish(await room.send("Go", { rounds: 3 }));
    expect([turn.status, turn.steps.length]).toEqual(["completed", 6]);
    const held = await heldFor(turn);
    expect(held).toBeGreaterThan(unitsOf(start));
    expect(held).toBeLessThanOrEqual(unitsOf(total.high));
    expect(parseCredits(turn.cost.credits)).toBeLessThanOrEqual(unitsOf(total.high));
    expect(parseCredits(turn.cost.credits)).toBeGreaterThan(0n);
  });
});

describe("what a quote says", () => {
  it("is low, expected and high per agent and in all, in credits and dollars", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const { agents, total, mode, rounds, pricing_version } = await quote(room, { rounds: 2 });
    expect([mode, rounds]).toEqual(["roundtable", 2]);
    expect(pricing_version).not.toBe("");
    for (const figure of ["low", "expected", "high"] as const) {
      const units = agents.map((agent) => unitsOf(agent[figure]));
      expect(units.every((each) => each > 0n)).toBe(true);
      const sum = units.reduce((all, each) => all + each, 0n);
      expect(total[figure]).toEqual({ credits: formatCredits(sum), usd: unitsToUsd(sum) });
    }
    expect(unitsOf(total.low)).toBeLessThan(unitsOf(total.expected));
    expect(unitsOf(total.expected)).toBeLessThan(unitsOf(total.high));
  });

  it("grows with what the session holds, beyond the turns that are always read", async () => {
    const room = await bench().furnish(["ada"]);
    const [none, ten, twenty] = [await quote(room), 10, 20];
    const expectedAfter = async (turns: number) => {
      const long = await bench().furnish(["ada"]);
      await seedTurns(bench(), long, { turns, replies: 1, length: 1600 });
      return unitsOf((await quote(long)).total.low);
    };
    const [some, more] = [await expectedAfter(ten), await expectedAfter(twenty)];
    // Each ten turns are the same twenty messages; only the newest four turns are read as text.
    expect(more - some).toBe(some - unitsOf(none.total.low));
    expect(more - some).toBeGreaterThan(0n);
  });

  it("says whether the wallet and the budget that was sent cover it", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const { balance } = (await bench().request("get", "/wallet", { token: room.user.token })).json(Wallet);
    const { start, total, wallet, budget } = await quote(room, { rounds: 2 });
    expect(wallet).toEqual({ credits: balance, covers_start: true, covers_high: true });
    expect(budget).toBeNull();
    const covering = async (units: bigint) => (await quote(room, { rounds: 2, budget: formatCredits(units) })).budget;
    const cover = (covers_start: boolean, covers_high: boolean) => ({ covers_start, covers_high });
    expect(await covering(unitsOf(start) - 1n)).toMatchObject(cover(false, false));
    expect(await covering(unitsOf(start))).toMatchObject(cover(true, false));
    expect(await covering(unitsOf(total.high) - 1n)).toMatchObject(cover(true, false));
    expect(await covering(unitsOf(total.high))).toEqual({ credits: total.high?.credits, ...cover(true, true) });
  });

  it("covers the start exactly where creating the turn is not refused", async () => {
    const room = await bench().furnish(["ada"]);
    const least = unitsOf((await quote(room)).start);
    for (const units of [least - 1n, least]) {
      const body = { message: "Go", budget: formatCredits(units) };
      const { budget } = await quote(room, body);
      expect([budget?.covers_start, (await create(room, body)).status]).toEqual(
        units < least ? [false, 402] : [true, 202],
      );
    }
  });

  it("is null for an agent without a price and for the totals, never 0", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await bench().write("update room_agents set model_alias = 'unheard-of' where agent_key = 'bob' and owner_id = $1", [
      room.user.id,
    ]);
    const unknown = { low: null, expected: null, high: null };
    const { agents, total, start, wallet, budget } = await quote(room, { budget: "1" });
    expect(agents).toMatchObject([
      { agent_key: "ada", low: { credits: expect.stringMatching(/[1-9]/) } },
      { agent_key: "bob", model_alias: "unheard-of", ...unknown },
    ]);
    expect([total, start]).toEqual([unknown, null]);
    for (const cover of [wallet, budget]) expect(cover).toMatchObject({ covers_start: null, covers_high: null });
    expect((await quote(room, { message: "@ada" })).total.high).not.toBeNull();
  });
});

describe("asking for a quote", () => {
  it("is one SQL round trip, leaves no trace, takes no turn's place and calls no model", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await seedTurns(bench(), room, { turns: 30, replies: 3, length: 400 });
    const before = [await traces(room), bench().accepted().length];
    bench().sqlTrips();
    const answer = await ask(room, { message: "Go", rounds: 5, budget: "3" });
    expect([answer.status, bench().sqlTrips()]).toEqual([200, 1]);
    expect([await traces(room), bench().accepted().length]).toEqual(before);
    expect(answer.headers.get("ratelimit-policy") ?? "").not.toContain("turns");
    expect(chatRequests(bench())).toHaveLength(0);
  });

  it("is possible while a turn is in progress", async () => {
    const room = await bench().furnish(["ada"]);
    await room.send("Go");
    expect((await ask(room, { message: "And then?" })).status).toBe(200);
  });

  it.each([
    ["no tag in a manual turn", ["ada"], { message: "Go", mode: "manual" }, "no_valid_tagged_agents"],
    ["an unknown tag in a manual turn", ["ada"], { message: "@zoe", mode: "manual" }, "unknown_tagged_agent"],
    ["a room without agents", [], { message: "Go" }, "no_room_agents"],
  ] as const)("is refused as creating is: %s", async (_what, keys, body, code) => {
    const room = await bench().furnish(keys);
    const { request_id: _one, ...quoted } = (await ask(room, body)).problem();
    const { request_id: _other, ...created } = (await create(room, body)).problem();
    expect(quoted).toMatchObject({ status: 422, code });
    expect(quoted).toEqual(created);
  });

  it("is refused for a message that fits no context, with the figures, and no turn records it", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await useModel(bench(), room, "bob", "tiny-window");
    const body = { message: "too long ".repeat(400) };
    const before = await traces(room);
    const { request_id: _one, ...quoted } = (await ask(room, body)).problem();
    expect(quoted).toMatchObject({ status: 422, code: "context_budget_exceeded", input_budget: 615 });
    expect(await traces(room)).toEqual(before);
    const { request_id: _other, turn_id, ...created } = (await create(room, body)).problem();
    expect(quoted).toEqual(created);
    expect(turn_id).toBeTypeOf("string");
  });

  it.each([
    ["no message", {}, "/message"],
    ["a blank message", { message: " " }, "/message"],
    ["six rounds", { message: "Go", rounds: 6 }, "/rounds"],
    ["an unknown mode", { message: "Go", mode: "duel" }, "/mode"],
    ["a budget that is a number", { message: "Go", budget: 1 }, "/budget"],
    ["what only creating knows", { message: "Go", on_busy: "enqueue" }, "/on_busy"],
  ])("is refused for %s, and where", async (_what, body, pointer) => {
    const room = await bench().furnish([]);
    const problem = (await ask(room, body)).problem();
    expect(problem).toMatchObject({ status: 422, code: "validation_failed" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it("is for those who may read turns, in sessions of their own", async () => {
    const room = await bench().furnish(["ada"]);
    const keyWith = async (scope: string) => {
      const body = { name: "Key", scopes: [scope] };
      const made = await bench().request("post", "/api_keys", { token: room.user.token, body });
      return made.json(z.object({ secret: z.string() })).secret;
    };
    const path = `/sessions/${room.session.id}/turns/quote`;
    const askWith = (token: string) => bench().request("post", path, { token, body: { message: "Go" } });
    const reader = await keyWith("turns:read");
    bench().sqlTrips();
    expect([(await askWith(reader)).status, bench().sqlTrips()]).toEqual([200, 1]);
    expect((await askWith(await keyWith("turns:write"))).problem()).toMatchObject({ status: 403 });
    expect((await askWith((await bench().signUp()).token)).problem()).toMatchObject({ status: 404, code: "not_found" });
  });
});
