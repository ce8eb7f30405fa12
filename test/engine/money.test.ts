import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Session } from "../../src/contract/sessions.ts";
import { Turn, Unaffordable } from "../../src/contract/turns.ts";
import { formatCredits, parseCredits } from "../../src/domain/money/credits.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { chatRequests, statusesOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const Balances = z.object({ balance: z.string(), held: z.string() });
const Problem = Unaffordable.extend({ status: z.number(), detail: z.string() });

async function wallet({ user }: Furnished) {
  const { balance, held } = (await bench().request("get", "/wallet", { token: user.token })).json(Balances);
  return { balance: parseCredits(balance), held: parseCredits(held) };
}

/** Leaves the user with exactly so much. */
async function setWallet({ user }: Furnished, units: bigint): Promise<void> {
  await bench().write(
    `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
     select 'set:' || $3, $1, e.kind, 'signup_grant', e.sign * ($2::bigint - a.balance_units)
     from accounts a, (values ('wallet', 1), ('granted', -1)) e(kind, sign)
     where a.owner_id = $1 and a.kind = 'wallet' and a.balance_units <> $2::bigint`,
    [user.id, String(units), crypto.randomUUID()],
  );
}

const post = ({ user }: Furnished, path: string, body?: object) =>
  bench().request("post", path, body === undefined ? { token: user.token } : { token: user.token, body });

const begin = (room: Furnished, turn: object = {}) =>
  post(room, `/sessions/${room.session.id}/turns`, { message: "Go", ...turn });

async function read({ user }: Furnished, { id }: Turn): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

const eventsOf = ({ id }: Turn) =>
  bench().rows(z.object({ type: z.string() }), "select type from turn_events where turn_id = $1 order by seq", [id]);

const wastedBy = ({ user }: Furnished) =>
  bench().count("select -balance_units from accounts where owner_id = $1 and kind = 'waste'", [user.id]);

const mismatches = () => bench().count("select count(*) from pantheon_money_mismatches");

/** What a first turn of a session holds, measured in another session that is then left alone. */
async function holdOf(room: Furnished): Promise<bigint> {
  const elsewhere = (await post(room, `/rooms/${room.room.id}/sessions`, {})).json(Session);
  const made = (await begin({ ...room, session: elsewhere })).json(Turn);
  await post(room, `/turns/${made.id}/cancel`);
  return parseCredits(made.cost.held);
}

describe("a turn's money", () => {
  it("is held for at once, charged for what was said, and the rest given back", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const before = await wallet(room);
    const turn = (await begin(room)).json(Turn);
    const held = parseCredits(turn.cost.held);
    expect(held).toBeGreaterThan(0n);
    expect(await wallet(room)).toEqual({ balance: before.balance - held, held });
    expect((await read(room, turn)).cost).toEqual(turn.cost);
    for (const index of [0, 1]) await bench().deliver(turn, index);
    const over = await read(room, turn);
    const charged = parseCredits(over.cost.credits);
    expect(await wallet(room)).toEqual({ balance: before.balance - charged, held: 0n });
    expect(over.cost).toMatchObject({ credits: over.usage.credits, held: "0" });
    expect(over.cost.by_agent.map(({ agent_key }) => agent_key)).toEqual(["ada", "bob"]);
    const parts = over.cost.by_agent.reduce((sum, { credits }) => sum + parseCredits(credits), 0n);
    expect([parts, over.cost.by_purpose]).toEqual([charged, [{ purpose: "agent", credits: over.cost.credits }]]);
    expect(await mismatches()).toBe(0);
  });

  it("is the user's for answers that were of no use, and the platform wastes nothing", async () => {
    const room = await bench().furnish(["ada"]);
    bench().cloud.standIns.openRouter.setFaults({ empty_reply: { fail_next: 2 } });
    const before = await wallet(room);
    const turn = (await begin(room)).json(Turn);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "failed", usage: { model_calls: 2, credits: over.cost.credits } });
    const charged = parseCredits(over.cost.credits);
    expect(charged).toBeGreaterThan(0n);
    expect(await wallet(room)).toEqual({ balance: before.balance - charged, held: 0n });
    expect(await wastedBy(room)).toBe(0);
    expect(await mismatches()).toBe(0);
  });

  it("is not the user's for what is lost on the way", async () => {
    const room = await bench().furnish(["ada"]);
    const { openRouter } = bench().cloud.standIns;
    openRouter.setFaults({ cut_stream: { fail_next: 1, after_chunks: 1 } });
    const before = await wallet(room);
    const turn = (await begin(room)).json(Turn);
    await bench().deliver(turn, 0);
    openRouter.setFaults({ bad_request: {} });
    await bench().pass(2);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "failed", usage: { model_calls: 2, credits: "0" }, cost: { credits: "0" } });
    expect(await wallet(room)).toEqual(before);
    expect(await wastedBy(room)).toBeGreaterThan(0);
    expect(await mismatches()).toBe(0);
  });

  it("is settled for a call that its user cancels in flight", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const before = await wallet(room);
    const turn = (await begin(room)).json(Turn);
    const { openRouter } = bench().cloud.standIns;
    openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
    const delivered = bench().deliver(turn, 0);
    await eventually(() => expect(chatRequests(bench())).toHaveLength(1));
    const cancelled = (await post(room, `/turns/${turn.id}/cancel`)).json(Turn);
    expect(parseCredits(cancelled.cost.held)).toBeLessThan(parseCredits(turn.cost.held));
    openRouter.release();
    await delivered;
    const over = await read(room, turn);
    expect(over.cost).toMatchObject({ held: "0", by_agent: [{ agent_key: "ada" }] });
    expect(await wallet(room)).toEqual({ balance: before.balance - parseCredits(over.cost.credits), held: 0n });
    expect(await mismatches()).toBe(0);
  });
});

describe("a limit that is in the way before a turn", () => {
  it("refuses it with the figures, and changes nothing", async () => {
    const room = await bench().furnish(["ada"]);
    const needed = await holdOf(room);
    await setWallet(room, needed - 1n);
    const slots = () => bench().count("select hour_count from turn_rates where owner_id = $1", [room.user.id]);
    const before = [await wallet(room), await slots()];
    const answer = await begin(room);
    expect(answer.json(Problem)).toMatchObject({
      status: 402,
      code: "insufficient_credits",
      scope: "wallet",
      needed: formatCredits(needed),
      available: formatCredits(needed - 1n),
    });
    expect([await wallet(room), await slots()]).toEqual(before);
    expect(await bench().count("select count(*) from turns where session_id = $1", [room.session.id])).toBe(0);
    await setWallet(room, needed);
    expect((await begin(room)).status).toBe(202);
    expect(await wallet(room)).toEqual({ balance: 0n, held: needed });
  });

  it("leaves a turn alone that it would have interrupted", async () => {
    const room = await bench().furnish(["ada"]);
    const running = (await begin(room)).json(Turn);
    await setWallet(room, 0n);
    const long = { message: "Go ".repeat(5000), on_busy: "interrupt" };
    expect((await begin(room, long)).json(Problem)).toMatchObject({ status: 402 });
    expect(await read(room, running)).toEqual({ ...running, status: "queued" });
  });

  it.each(["turn", "session", "room", "day", "month"] as const)("may be the budget of the %s", async (scope) => {
    const room = await bench().furnish(["ada"]);
    const needed = await holdOf(room);
    const setBudget = async (units: bigint) => {
      const budget = formatCredits(units);
      const { token } = room.user;
      const paths = { session: `/sessions/${room.session.id}`, room: `/rooms/${room.room.id}` } as const;
      if (scope === "session" || scope === "room")
        expect((await bench().request("patch", paths[scope], { token, body: { budget } })).status).toBe(200);
      const user = { per_day: scope === "day" ? budget : null, per_month: scope === "month" ? budget : null };
      expect((await bench().request("put", "/budgets", { token, body: user })).status).toBe(200);
      return scope === "turn" ? { budget } : {};
    };
    const refused = (await begin(room, await setBudget(needed - 1n))).json(Problem);
    expect(refused).toMatchObject({
      status: 402,
      code: "budget_exceeded",
      scope,
      needed: formatCredits(needed),
      available: formatCredits(needed - 1n),
      budget: formatCredits(needed - 1n),
      spent: "0",
      held: "0",
    });
    expect((await begin(room, await setBudget(needed))).status).toBe(202);
  });

  it("is the lowest of those that are", async () => {
    const room = await bench().furnish(["ada"]);
    const needed = await holdOf(room);
    const { token } = room.user;
    const body = { per_day: formatCredits(needed / 2n), per_month: formatCredits(needed / 3n) };
    await bench().request("put", "/budgets", { token, body });
    expect((await begin(room, { budget: formatCredits(needed / 4n) })).json(Problem)).toMatchObject({ scope: "turn" });
    expect((await begin(room)).json(Problem)).toMatchObject({ scope: "month" });
    await setWallet(room, needed / 5n);
    expect((await begin(room)).json(Problem)).toMatchObject({ scope: "wallet", code: "insufficient_credits" });
  });
});

describe("a limit that is reached within a turn", () => {
  /** A turn of two rounds whose budget covers the first. */
  async function pausedTurn() {
    const room = await bench().furnish(["ada", "bob"]);
    const first = await holdOf(room);
    const turn = (await begin(room, { rounds: 2, budget: formatCredits(first) })).json(Turn);
    for (const index of [0, 1]) await bench().deliver(turn, index);
    return { room, turn, paused: await read(room, turn) };
  }

  it("pauses it, with what was said, its figures and an event", async () => {
    const { room, turn, paused } = await pausedTurn();
    expect(paused).toMatchObject({
      status: "paused",
      pause: { code: "budget_exceeded", scope: "turn", budget: turn.budget, spent: paused.cost.credits, held: "0" },
      cost: { held: "0" },
    });
    expect(statusesOf(paused)).toEqual(["done", "done", "ready", "waiting"]);
    expect((await eventsOf(turn)).at(-1)).toEqual({ type: "turn.paused" });
    expect(await bench().count("select count(*) from outbox where turn_id = $1", [turn.id])).toBe(0);
    expect(await bench().count("select count(*) from stuck_turns")).toBe(0);
    expect((await begin(room)).json(z.object({ code: z.string() })).code).toBe("turn_in_progress");
    expect(await mismatches()).toBe(0);
  });

  it("stays in the way until it is raised; then the turn goes on and nothing runs again", async () => {
    const { room, turn, paused } = await pausedTurn();
    const calls = chatRequests(bench()).length;
    expect((await post(room, `/turns/${turn.id}/resume`)).json(Problem)).toMatchObject({ status: 402, scope: "turn" });
    expect(await read(room, turn)).toEqual(paused);
    const resumed = (await post(room, `/turns/${turn.id}/resume`, { budget: "50" })).json(Turn);
    expect(resumed).toMatchObject({ status: "running", pause: null, budget: "50" });
    expect((await post(room, `/turns/${turn.id}/resume`)).json(Turn)).toMatchObject({ status: "running" });
    for (const index of [2, 3]) await bench().deliver(resumed, index);
    const over = await read(room, turn);
    expect([over.status, chatRequests(bench()).length]).toEqual(["completed", calls + 2]);
    expect(over.steps.slice(0, 2)).toEqual(paused.steps.slice(0, 2));
    const types = (await eventsOf(turn)).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith("turn."))).toEqual([
      "turn.created",
      "turn.started",
      "turn.paused",
      "turn.resumed",
      "turn.completed",
    ]);
    expect((await post(room, `/turns/${turn.id}/resume`)).status).toBe(409);
    expect(await mismatches()).toBe(0);
  });

  it("may be the wallet, and a top-up lets the turn go on", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = (await begin(room, { rounds: 2 })).json(Turn);
    await setWallet(room, 0n);
    await bench().deliver(turn, 0);
    const paused = await read(room, turn);
    expect(paused).toMatchObject({ status: "paused", pause: { code: "insufficient_credits", scope: "wallet" } });
    await setWallet(room, parseCredits("10"));
    const resumed = (await post(room, `/turns/${turn.id}/resume`)).json(Turn);
    await bench().deliver(resumed, 1);
    expect(await read(room, turn)).toMatchObject({ status: "completed", cost: { held: "0" } });
  });

  it("is told to a client that waits", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await holdOf(room);
    await bench().releaseQueue();
    const sent = { message: "Go", rounds: 2, budget: formatCredits(first) };
    const answer = await bench().request("post", `/sessions/${room.session.id}/turns`, {
      token: room.user.token,
      body: sent,
      headers: { prefer: "wait=20" },
    });
    expect([answer.status, answer.json(Turn).status]).toEqual([202, "paused"]);
  });

  it("keeps the turn open to its user: it can be cancelled, and another may begin", async () => {
    const { room, turn } = await pausedTurn();
    expect((await post(room, `/turns/${turn.id}/cancel`)).json(Turn)).toMatchObject({
      status: "cancelled",
      pause: null,
    });
    expect((await begin(room)).status).toBe(202);
  });

  it("is nobody else's to lift", async () => {
    const { turn, paused, room } = await pausedTurn();
    const stranger = await bench().furnish(["ada"]);
    expect((await post(stranger, `/turns/${turn.id}/resume`, { budget: "50" })).status).toBe(404);
    expect(await read(room, turn)).toEqual(paused);
  });
});
