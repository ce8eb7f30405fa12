import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { bodyOf, stepOf } from "./engine-bench.ts";
import { chatRequests, statusesOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const done = { status: 200, retryAfter: null, isNonRetryable: false };

async function read({ user }: Furnished, { id }: Turn): Promise<Turn> {
  const answer = await bench().request("get", `/turns/${id}`, { token: user.token });
  return z.custom<Turn>().parse(JSON.parse(answer.text));
}

function rowsOf(turn: Turn) {
  const of = (table: string) => bench().count(`select count(*) from ${table} where turn_id = $1`, [turn.id]);
  return Promise.all([of("llm_call_events"), of("messages"), of("turn_events"), of("turn_context_audit")]);
}

const acceptedFor = (turn: Turn) =>
  bench()
    .accepted()
    .filter((message) => message.turn === turn.id);

describe("deliveries of one step", () => {
  it("case 1: the same message again makes no call, no row and no message", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toEqual(done);
    await bench().deliver(turn, 1);
    const before = await rowsOf(turn);
    for (let time = 0; time < 3; time += 1) expect(await bench().deliver(turn, 0)).toEqual(done);
    expect(await rowsOf(turn)).toEqual(before);
    expect(chatRequests(bench())).toHaveLength(2);
    expect(acceptedFor(turn)).toHaveLength(2);
  });

  it("case 2: of the same message twice at once one runs, the other is told when to come back", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const { openRouter } = bench().cloud.standIns;
    openRouter.setFaults({ hang_before_headers: {} });
    const first = bench().deliver(turn, 0);
    await eventually(() => expect(chatRequests(bench())).toHaveLength(1));
    const second = await bench().deliver(turn, 0);
    expect(second.status).toBe(409);
    expect(Number(second.retryAfter)).toBeGreaterThan(60);
    expect(Number(second.retryAfter)).toBeLessThanOrEqual(150);
    openRouter.release();
    expect(await first).toEqual(done);
    expect(chatRequests(bench())).toHaveLength(1);
    expect(await read(room, turn)).toMatchObject({ status: "completed" });
  });

  it("case 3: a message for a later step is not run, but comes back, and is logged", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 1)).toEqual({ status: 409, retryAfter: "5", isNonRetryable: false });
    expect(chatRequests(bench())).toHaveLength(0);
    const steps = bench().logged.filter(({ event }) => event === "step_not_ready");
    expect(steps.at(-1)?.fields).toMatchObject({ turn_id: turn.id, step_id: stepOf(turn, 1).id });
  });

  it("case 4: a message for an earlier step publishes again what is pending", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    const { qstash } = bench().cloud.standIns;
    const before = qstash.stats().publish_requests;
    expect(await bench().deliver(turn, 0)).toEqual(done);
    expect(qstash.stats().publish_requests).toBe(before + 1);
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 5: a delivery that never reached us is the queue's to repeat", async () => {
    const room = await bench().furnish(["ada"]);
    await bench().setFaults("qstash", { hang_delivery: { next: 1 } });
    const { qstash } = bench().cloud.standIns;
    const before = qstash.stats();
    const turn = await room.send("Go");
    await eventually(() => expect(qstash.stats().attempts).toBe(before.attempts + 1));
    qstash.advance(120_000);
    expect(qstash.stats().retried).toBe(before.retried + 1);
    qstash.advance(10_000);
    expect(await room.finish(turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 10: an answer lost on its way to the queue is a duplicate, and dropped", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await bench().setFaults("qstash", { lose_answer: { next: 1 } });
    const turn = await room.send("Go");
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
    bench().cloud.standIns.qstash.advance(60_000);
    await bench().cloud.standIns.qstash.core.settled();
    expect(chatRequests(bench())).toHaveLength(2);
    expect(await rowsOf(turn)).toEqual([2, 3, 7, 2]);
  });
});

describe("messages that are none", () => {
  it.each(["", "no json", "[]", "{}", '{"v":1,"turn":"x","step":"y"}'])(
    "case 22: %j is poison, and logged",
    async (body) => {
      expect(await bench().deliverBody(body)).toEqual({ status: 489, retryAfter: null, isNonRetryable: true });
      expect(bench().logged.at(-1)).toMatchObject({ level: "error", event: "unreadable_step_message" });
    },
  );

  it("case 22: one for a turn that nobody knows is poison", async () => {
    const body = JSON.stringify({ v: 1, turn: crypto.randomUUID(), step: crypto.randomUUID() });
    expect(await bench().deliverBody(body)).toMatchObject({ status: 489, isNonRetryable: true });
    expect(bench().logged.at(-1)).toMatchObject({ level: "error", event: "unknown_step" });
  });

  it.each([
    ["a step that it does not have", (turn: Turn) => ({ v: 1, turn: turn.id, step: crypto.randomUUID() })],
    ["no step", (turn: Turn) => ({ v: 1, turn: turn.id })],
    ["a version to come", (turn: Turn) => ({ v: 99, turn: turn.id, step: stepOf(turn, 0).id })],
  ])("case 22: one for a turn that is known and %s fails that turn", async (_what, bodyFor) => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    const body = JSON.stringify(bodyFor(turn));
    expect(await bench().deliverBody(body)).toMatchObject({ status: 489, isNonRetryable: true });
    const failed = await read(room, turn);
    expect(failed).toMatchObject({ status: "failed", error: { type: "poison_message" } });
    expect(statusesOf(failed)).toEqual(["cancelled", "cancelled"]);
    expect(await bench().deliverBody(body)).toMatchObject({ status: 489 });
    expect(await bench().deliver(turn, 0)).toEqual(done);
    expect(chatRequests(bench())).toHaveLength(0);
    const terminal = "select count(*) from turn_events where turn_id = $1 and type = 'turn.failed'";
    expect(await bench().count(terminal, [turn.id])).toBe(1);
  });

  it("case 35: reads the message of the version before, to the letter", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(bodyOf(turn, 0)).toBe(`{"v":1,"turn":"${turn.id}","step":"${stepOf(turn, 0).id}"}`);
    expect(await bench().deliverBody(`{"v":1,"turn":"${turn.id}","step":"${stepOf(turn, 0).id}"}`)).toEqual(done);
  });
});
