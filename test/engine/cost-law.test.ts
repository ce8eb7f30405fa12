import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { isOver, Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { type Bench, stepOf } from "./engine-bench.ts";
import { useBench } from "./engine-kit.ts";
import { finish, managerSays, routing } from "./modes-kit.ts";
import { priceModel, seedSummary, seedTurns, useModel } from "./seed-turns.ts";
import { startTools, toolsOf } from "./tools-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const acceptedFor = (turn: { readonly id: string }) =>
  bench()
    .accepted()
    .filter((message) => message.turn === turn.id);

describe("the cost of a turn", () => {
  it("is two SQL round trips to create, for a user and for a key", async () => {
    const { user, session, send } = await bench().furnish(["ada"]);
    bench().sqlTrips();
    await send("Go", { on_busy: "interrupt" });
    expect(bench().sqlTrips()).toBe(2);
    const body = { name: "Key", scopes: ["turns:write"] };
    const made = await bench().request("post", "/api_keys", { token: user.token, body });
    const key = made.json(z.object({ secret: z.string() })).secret;
    bench().sqlTrips();
    const sent = { token: key, body: { message: "Go", on_busy: "interrupt" }, headers: { "idempotency-key": "k" } };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, sent);
    expect([answer.status, bench().sqlTrips()]).toEqual([202, 2]);
  });

  it.each([1, 3, 6])("is two round trips and one short message for each of %i agents", async (agents) => {
    const keys = Array.from({ length: agents }, (_, index) => `agent-${index}`);
    const { send } = await bench().furnish(keys);
    const turn = await send("Go".repeat(10_000));
    const { publish_requests: before } = bench().cloud.standIns.qstash.stats();
    for (let index = 0; index < agents; index += 1) {
      bench().sqlTrips();
      expect(await bench().deliver(turn, index)).toMatchObject({ status: 200 });
      expect(bench().sqlTrips()).toBe(2);
    }
    expect(bench().cloud.standIns.qstash.stats().publish_requests).toBe(before + agents - 1);
    const messages = acceptedFor(turn);
    expect(messages.map(({ step }) => step)).toEqual(turn.steps.map(({ id }) => id));
    expect(messages.filter(({ bytes }) => bytes > 200)).toEqual([]);
  });

  it("is one publish for all agents that speak at once", async () => {
    const { send } = await bench().furnish(["ada", "bob", "cyd"], { mode: "manual" });
    const { publish_requests: before } = bench().cloud.standIns.qstash.stats();
    const turn = await send("@ada @bob @cyd");
    expect(acceptedFor(turn)).toHaveLength(3);
    expect(bench().cloud.standIns.qstash.stats().publish_requests).toBe(before + 1);
    for (const index of [2, 0, 1]) await bench().deliver(turn, index);
    expect(acceptedFor(turn)).toHaveLength(3);
  });
});

const modes = [
  ["manual", { rounds: 2 }, 6],
  ["roundtable", { rounds: 2 }, 6],
  ["orchestrator", {}, 6],
  ["council", {}, 7],
  ["debate", {}, 9],
  ["debate", { rounds: 1, response_schema: { type: "object", properties: {} } }, 7],
] as const;

/** Delivers what is ready until the turn is over, and counts the SQL of each delivery. */
async function driveCounting(room: Furnished, created: Turn) {
  const trips: number[] = [];
  for (;;) {
    const { token } = room.user;
    const turn = (await bench().request("get", `/turns/${created.id}`, { token })).json(Turn);
    if (isOver(turn.status)) return { turn, trips };
    const ready = turn.steps.flatMap(({ status }, place) => (status === "ready" ? [place] : []));
    if (ready.length === 0) throw new Error(`turn ${turn.id} does not go on`);
    for (const place of ready) {
      bench().sqlTrips();
      expect(await bench().deliver(turn, place)).toMatchObject({ status: 200 });
      trips.push(bench().sqlTrips());
    }
  }
}

describe("the cost of every mode", () => {
  it.each(modes)(
    "is two round trips to create, and two and one short message a step: %s %j",
    async (mode, rest, steps) => {
      const room = await bench().furnish(["ada", "bob", "cyd"]);
      bench().cloud.standIns.openRouter.setScript([
        managerSays("evaluate", { json: finish }),
        managerSays("route", {
          json: routing([
            ["ada", "Look."],
            ["bob", "Doubt."],
            ["cyd", "Count."],
          ]),
        }),
      ]);
      bench().sqlTrips();
      const created = await room.send("@ada @bob @cyd Go", { mode, ...rest });
      expect(bench().sqlTrips()).toBe(2);
      const { turn, trips } = await driveCounting(room, created);
      expect([turn.status, turn.steps.length]).toEqual(["completed", steps]);
      expect(trips).toEqual(turn.steps.map(() => 2));
      const messages = acceptedFor(turn);
      expect(messages.map(({ step }) => step).toSorted()).toEqual(turn.steps.map(({ id }) => id).toSorted());
      expect(messages.filter(({ bytes }) => bytes > 200)).toEqual([]);
    },
  );

  it("is one message and two round trips more where a summary follows", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await seedTurns(bench(), room, { turns: 8, replies: 2, length: 40 });
    const { turn, trips } = await driveCounting(room, await room.send("Go"));
    expect([turn.status, trips, acceptedFor(turn).length]).toEqual(["completed", [2, 2], 2]);
    const [summary] = await bench().rows(
      z.object({ id: z.string() }),
      "select id from turns where session_id = $1 and mode = 'summary'",
      [room.session.id],
    );
    const read = await bench().request("get", `/turns/${summary?.id}`, { token: room.user.token });
    const after = await driveCounting(room, read.json(Turn));
    expect([after.turn.status, after.trips]).toEqual(["completed", [2]]);
    expect(acceptedFor(after.turn)).toMatchObject([{ bytes: expect.toSatisfy((bytes: number) => bytes <= 200) }]);
  });
});

describe("the cost of a step with tools", () => {
  it("is two round trips for each claim, however many tools it calls and whatever it remembers", async () => {
    const mail = await startTools(["send"]);
    const room = await bench().furnish(["ada"]);
    const { give, addServer, read, decide } = toolsOf(bench);
    await addServer(room, { name: "mail", url: mail.url });
    await give(room, "ada", ["search_memory", "calculator", "mail/*"]);
    await seedTurns(bench(), room, { turns: 40, replies: 4, length: 400 });
    await seedSummary(bench(), room, 40);
    const search = { name: "search_memory", arguments: { query: "x" } };
    const calculate = { name: "calculator", arguments: { expression: "1" } };
    const send = { name: "mail_send", arguments: { to: "Bob" } };
    bench().cloud.standIns.openRouter.setScript([
      { tool_calls: [search, calculate] },
      { tool_calls: [send] },
      { text: "Done." },
    ]);
    const turn = await room.send("Go");
    const tripsOf = async (work: () => Promise<unknown>) => {
      bench().sqlTrips();
      await work();
      return bench().sqlTrips();
    };
    expect(await tripsOf(() => bench().deliver(turn, 0))).toBe(2);
    const { pause } = await read(room, turn);
    const id = pause?.code === "approval_required" ? pause.approvals[0]?.id : undefined;
    // The decision, and the turn that is answered.
    expect(await tripsOf(() => decide(room, turn, [{ id, decision: "approved" }]))).toBe(2);
    expect(await tripsOf(() => bench().deliver(turn, 0))).toBe(2);
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: "Done." }] });
    await mail.stop();
  });

  it("reads no more for the thousandth turn than for a hundredth of a session that is summed up", async () => {
    const measure = async (turns: number) => {
      const room = await bench().furnish(["ada"]);
      await toolsOf(bench).give(room, "ada", ["search_memory"]);
      await seedTurns(bench(), room, { turns, replies: 8, length: 400 });
      await seedSummary(bench(), room, turns);
      return (await readByClaim(bench(), await room.send("Go"))).read.messages;
    };
    const thousandth = await measure(999);
    expect(thousandth).toBe(await measure(99));
    expect(thousandth).toBeLessThan(1_000);
  });
});

const Read = z.record(z.string(), z.number());
const rowsReadSoFar = `select json_object_agg(relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) order by relname)
  from pg_stat_xact_user_tables where relname in ('messages', 'turns', 'turn_steps', 'outbox', 'turn_events')`;

/** The messages that a claim of a turn's first step hands over, and the rows that it reads, table by table, as Postgres itself counts them. */
async function readByClaim({ backend }: Bench, turn: Awaited<ReturnType<Furnished["send"]>>) {
  const request = {
    turn: turn.id,
    step: stepOf(turn, 0).id,
    lease_seconds: 150,
    max_attempts: 5,
    recent_turns: 4,
    lost_id: crypto.randomUUID(),
  };
  const claim = `select jsonb_array_length(coalesce(c->'unsummarized', c->'window')->'messages') from pantheon_claim_step($1::jsonb) c`;
  const [, before, won, after] = await backend.runBatch([
    { sql: "set local role pantheon_system" },
    { sql: rowsReadSoFar },
    { sql: claim, params: [JSON.stringify(request)] },
    { sql: rowsReadSoFar },
  ]);
  const [was, is] = [before, after].map((result) => Read.parse(JSON.parse(result?.rows[0]?.[0] ?? "{}")));
  const read = Object.entries(is ?? {}).map(([table, rows]) => [table, rows - (was?.[table] ?? 0)]);
  return { messages: Number(won?.rows[0]?.[0]), read: Object.fromEntries(read) };
}

describe("case 42: the thousandth turn of a session", () => {
  async function measure(turns: number, isSummedUp: boolean) {
    const room = await bench().furnish(["ada"]);
    await useModel(bench(), room, "ada", "small-window");
    await seedTurns(bench(), room, { turns, replies: 8, length: 400 });
    if (isSummedUp) await seedSummary(bench(), room, turns);
    bench().sqlTrips();
    const turn = await room.send("Go");
    const trips = bench().sqlTrips();
    const bytes = acceptedFor(turn)[0]?.bytes;
    const purposes = turn.steps.map(({ purpose }) => purpose);
    return { index: turn.turn_index, purposes, trips, bytes, ...(await readByClaim(bench(), turn)) };
  }

  beforeAll(() => priceModel(bench(), "small-window", 8192));

  it("reads no more rows, costs no more SQL and sends no more bytes than the tenth", async () => {
    // The long session first, so that the tables are no smaller for the short one.
    const thousandth = await measure(999, true);
    const tenth = await measure(9, true);
    expect([tenth.index, thousandth.index]).toEqual([10, 1000]);
    expect(tenth).toMatchObject({ purposes: ["agent"], messages: 36 });
    expect({ ...thousandth, index: 10 }).toEqual(tenth);
    expect(tenth.read.messages).toBeLessThan(100);
  });

  it("reads as much as the twentieth where nothing was summed up yet and it begins with that", async () => {
    const thousandth = await measure(999, false);
    const twentieth = await measure(19, false);
    expect(twentieth.purposes).toEqual(["summarize", "agent"]);
    expect({ ...thousandth, index: 20 }).toEqual(twentieth);
    expect(twentieth.messages).toBeLessThan(19 * 9);
  });
});

describe("the window that is read", () => {
  const history = async (room: Furnished, before: number, tokens: number, recent = 4) => {
    const rows = await bench().rows(
      z.object({ turn_index: z.number(), taken: z.number() }),
      `select (m->>'turn_index')::int as turn_index, count(*)::int as taken
       from jsonb_array_elements(pantheon_window($1, $2::int, $3::int, $4::int)->'messages') m group by 1 order by 1`,
      [room.session.id, String(before), String(tokens), String(recent)],
    );
    return rows.map(({ turn_index, taken }) => [turn_index, taken]);
  };

  it("holds the recent turns whole, however many spoke in them", async () => {
    const room = await bench().furnish(["ada"]);
    await seedTurns(bench(), room, { turns: 6, replies: 250, length: 4 });
    const recent = [3, 4, 5, 6].map((index) => [index, 251]);
    // Two tokens each, and at least one around them.
    expect(await history(room, 7, 0)).toEqual(recent);
    expect(await history(room, 7, 4 * 251 * 3 + 100)).toEqual(recent);
    expect(await history(room, 7, 5 * 251 * 3)).toEqual([[2, 251], ...recent]);
  });

  it("counts no refused turn among the recent ones", async () => {
    const room = await bench().furnish(["ada"]);
    await seedTurns(bench(), room, { turns: 6, replies: 1, length: 4 });
    await bench().write("update messages set is_in_history = false where session_id = $1 and turn_index in (4, 6)", [
      room.session.id,
    ]);
    expect(await history(room, 7, 0)).toEqual([1, 2, 3, 5].map((index) => [index, 2]));
  });

  it("is empty before the first turn", async () => {
    expect(await history(await bench().furnish(["ada"]), 1, 1000)).toEqual([]);
  });
});
