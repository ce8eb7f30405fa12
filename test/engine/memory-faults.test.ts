import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { SessionSummary } from "../../src/contract/memory.ts";
import { Turn } from "../../src/contract/turns.ts";
import { WebhookDelivery } from "../../src/contract/webhooks.ts";
import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { moveMoney } from "../support/seed-money.ts";
import { type Receiver, startReceiver } from "../webhook/receiver.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import {
  booked,
  deliverAll,
  minutes,
  onlySummaryTurn,
  plantTurns,
  readTurn,
  register,
  sevenTurns,
  summaries,
  summarize,
  summaryReply,
  summaryRequests,
  summaryTurns,
  talkUntilDue,
} from "./memory-kit.ts";

const bench = useBench({ variables: { WEBHOOK_ALLOW_LOOPBACK: "true" } });
const leaseSeconds = 150;

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const faults = (switches: FaultSwitchesInput) => bench().cloud.standIns.openRouter.setFaults(switches);
const script = (...lists: Parameters<typeof summaryReply>) =>
  bench().cloud.standIns.openRouter.setScript([summaryReply(...lists)]);

/** A session whose summary is due, and that summary, whose message is held back. */
async function due() {
  const room = await bench().furnish(["ada"]);
  await talkUntilDue(bench(), room);
  return { room, turn: await onlySummaryTurn(bench(), room) };
}

/** A delivery that hangs in its model call, and what lets it go on. */
async function hangingCall(turn: Turn) {
  const before = chatRequests(bench()).length;
  faults({ hang_before_headers: { fail_next: 1 } });
  const delivered = bench().deliver(turn, 0);
  await eventually(() => expect(chatRequests(bench())).toHaveLength(before + 1));
  return () => {
    bench().cloud.standIns.openRouter.release();
    return delivered;
  };
}

const isOpen = ({ room }: { readonly room: Furnished }) =>
  bench().count("select count(*) from holds where owner_id = $1 and is_open", [room.user.id]);

describe("what the one who sums up answers", () => {
  it("is asked for again once where it cannot be read, and then made by rule: both calls are charged, up to the hold", async () => {
    const { room, turn } = await due();
    faults({ wrong_json: { fail_next: 2, as: "prose", system_contains: minutes } });
    await deliverAll(bench(), room, turn);
    expect(summaryRequests(bench())).toHaveLength(2);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4, is_fallback: true }]);
    expect(await readTurn(bench(), room, turn.id)).toMatchObject({
      status: "completed",
      steps: [{ status: "done", flags: ["fallback"] }],
    });
    const rows = await booked(bench(), turn);
    expect(rows.map(({ status, charged }) => [status, charged > 0n])).toEqual([
      ["ok", true],
      ["ok", true],
    ]);
    const held = await bench().count("select units from holds where turn_id = $1", [turn.id]);
    const paid = rows.reduce((sum, { charged }) => sum + charged, 0n);
    const metered = rows.reduce((sum, row) => sum + row.metered, 0n);
    expect(paid).toBe(metered < BigInt(held) ? metered : BigInt(held));
    expect(await isOpen({ room })).toBe(0);
  });

  it("is charged for both answers, also for the one that cannot be read", async () => {
    const { room, turn } = await due();
    faults({ wrong_json: { fail_next: 1, as: "other_shape", system_contains: minutes } });
    await deliverAll(bench(), room, turn);
    expect(await summaries(bench(), room)).toMatchObject([{ is_fallback: false }]);
    const rows = await booked(bench(), turn);
    expect(rows.map(({ charged, metered }) => charged === metered)).toEqual([true, true]);
  });

  it("is the same by rule, whenever and by whomever it is made", async () => {
    const rendered = new Set<string>();
    for (const wrong of ["prose", "truncated"] as const) {
      const { room, turn } = await due();
      faults({ wrong_json: { fail_next: 2, as: wrong, system_contains: minutes } });
      await deliverAll(bench(), room, turn);
      const [made] = await summaries(bench(), room);
      rendered.add(made?.rendered ?? "");
    }
    expect(rendered.size).toBe(1);
  });

  it("is a rule's where the provider is down for good, and nobody pays", async () => {
    const { room, turn } = await due();
    faults({ server_error: { system_contains: minutes } });
    expect(await deliverAll(bench(), room, turn)).toBe(5);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, is_fallback: true }]);
    const rows = await booked(bench(), turn);
    expect(rows.map(({ status, charged }) => [status, charged])).toEqual(rows.map(() => ["failed", 0n]));
    expect([rows.length, await isOpen({ room })]).toEqual([5, 0]);
  });
});

describe("a summary whose holder is lost", () => {
  it("before the model answers is made by another: one version, and the lost call is nobody's to pay", async () => {
    const { room, turn } = await due();
    const letGo = await hangingCall(turn);
    await bench().pass(leaseSeconds + 1);
    await bench().deliver(turn, 0);
    await letGo();
    expect(await summaries(bench(), room)).toHaveLength(1);
    const rows = await booked(bench(), turn);
    expect(rows.map(({ status, charged }) => [status, charged > 0n])).toEqual([
      ["lost", false],
      ["ok", true],
    ]);
  });

  it("after the model answered, whose commit never came, is made by another: one version and one register", async () => {
    const { room, turn } = await due();
    script("They spoke.", { decisions: [{ text: "Ada signs.", sources: ["m1"] }] });
    const letGo = await hangingCall(turn);
    await bench().setFaults("neon", { down: true });
    expect((await letGo()).status).toBeGreaterThanOrEqual(500);
    await bench().setFaults("neon", {});
    expect(await summaries(bench(), room)).toHaveLength(0);
    await bench().pass(leaseSeconds + 1);
    await deliverAll(bench(), room, turn);
    expect(await summaries(bench(), room)).toHaveLength(1);
    expect(await register(bench(), room)).toHaveLength(1);
  });

  it("is begun by the sweep when no redelivery comes", async () => {
    const { room, turn } = await due();
    const letGo = await hangingCall(turn);
    await bench().pass(leaseSeconds + 1);
    await bench().releaseQueue();
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
    await letGo();
    expect(await summaries(bench(), room)).toHaveLength(1);
  });
});

describe("a summary that is committed", () => {
  it("and whose answer was lost is sent again, and finds itself done: one version, one register, one row", async () => {
    const { room, turn } = await due();
    script("They spoke.", { decisions: [{ text: "Ada signs.", sources: ["m1"] }] });
    const letGo = await hangingCall(turn);
    await bench().setFaults("neon", { drop_answer: 1 });
    expect(await letGo()).toMatchObject({ status: 200 });
    await bench().setFaults("neon", {});
    expect(await summaries(bench(), room)).toHaveLength(1);
    expect(await register(bench(), room)).toHaveLength(1);
    expect(await booked(bench(), turn)).toHaveLength(1);
    expect(summaryRequests(bench())).toHaveLength(1);
  });

  it("and whose next call was never published is gone on with by the sweep, or by a redelivery: each piece once", async () => {
    const room = await bench().furnish(["ada"], { manager_model_alias: "gpt-4o-mini" });
    await plantTurns(bench(), room, [["word ".repeat(60_000), "Yes."]]);
    const turn = (await summarize(bench(), room)).json(Turn);
    await bench().setFaults("qstash", { down: true });
    expect((await bench().deliver(turn, 0)).status).toBeGreaterThanOrEqual(500);
    await bench().holdQueue();
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 0 }]);
    await deliverAll(bench(), room, turn);
    const made = await summaries(bench(), room);
    expect(made.map(({ version }) => version)).toEqual(made.map((_, place) => place + 1));
    expect([made.length, summaryRequests(bench()).length, made.at(-1)]).toMatchObject([
      3,
      3,
      { through: 1, cursor: null },
    ]);
  });

  it("delivered twice at once and late makes one version", async () => {
    const { room, turn } = await due();
    await Promise.all([bench().deliver(turn, 0), bench().deliver(turn, 0)]);
    for (let time = 0; time < 3; time += 1) expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await summaries(bench(), room)).toHaveLength(1);
    expect(summaryRequests(bench())).toHaveLength(1);
  });
});

describe("the user's hand on the register", () => {
  it("while the model writes is kept: the same answer joins what the register holds now, in one call", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, [["Decision: we launch on 3 May.", "Noted."]]);
    script("They set a day.", { decisions: [{ text: "We launch on 3 May.", sources: ["m1"] }] });
    await deliverAll(bench(), room, (await summarize(bench(), room)).json(Turn));
    const [entry] = await register(bench(), room, "&kind=decision&status=open");
    await plantTurns(bench(), room, [["What does it cost?", "40,000 euros."]]);
    script("They set a day and a price.", { key_facts: [{ text: "It costs 40,000 euros.", sources: ["m2"] }] });
    const turn = (await summarize(bench(), room)).json(Turn);
    const calls = summaryRequests(bench()).length;
    const letGo = await hangingCall(turn);
    const correction = { token: room.user.token, body: { text: "We launch on 10 May." } };
    expect((await bench().request("patch", `/register_entries/${entry?.id}`, correction)).status).toBe(200);
    expect(await letGo()).toMatchObject({ status: 200 });
    expect(summaryRequests(bench())).toHaveLength(calls + 1);
    const made = await summaries(bench(), room);
    expect(made.map(({ version, through }) => [version, through])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    const last = made.at(-1)?.rendered ?? "";
    expect(["10 May", "3 May", "40,000", "a day and a price"].map((words) => last.includes(words))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    const open = (await register(bench(), room, "&status=open")).map(({ text }) => text);
    expect(open.toSorted()).toEqual(["It costs 40,000 euros.", "We launch on 10 May."]);
    expect(await booked(bench(), turn)).toMatchObject([{ status: "ok" }]);
  });
});

describe("a summary that cannot be paid for", () => {
  it("is not begun, holds nothing up, and is tried again after the next turn", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, sevenTurns);
    const eighth = await room.send("Question 8?");
    const spare = await bench().count("select balance_units from accounts where owner_id = $1 and kind = 'wallet'", [
      room.user.id,
    ]);
    const at = "2026-11-21T12:00:00Z";
    await moveMoney(bench().backend, room.user, {
      key: randomUUID(),
      reason: "signup_grant",
      units: 1n - BigInt(spare),
      at,
    });
    // What the eighth turn gives back is too little for a summary, whose prompt holds what ten of its own would.
    expect(await bench().deliver(eighth, 0)).toMatchObject({ status: 200 });
    expect(await readTurn(bench(), room, eighth.id)).toMatchObject({ status: "completed" });
    expect(await summaryTurns(bench(), room)).toEqual([]);
    expect(await bench().count("select count(*) from stuck_turns")).toBe(0);
    await moveMoney(bench().backend, room.user, {
      key: randomUUID(),
      reason: "signup_grant",
      units: BigInt(spare),
      at,
    });
    await bench().deliver(await room.send("Question 9?"), 0);
    const turn = await onlySummaryTurn(bench(), room);
    await deliverAll(bench(), room, turn);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 5, made_at: 9 }]);
  });

  it("by the room's budget is not begun, and the turn before it ends all the same", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, sevenTurns);
    const eighth = await room.send("Question 8?");
    await bench().write("update rooms set budget_units = 1 where id = $1", [room.room.id]);
    expect(await bench().deliver(eighth, 0)).toMatchObject({ status: 200 });
    expect(await readTurn(bench(), room, eighth.id)).toMatchObject({ status: "completed" });
    expect(await summaryTurns(bench(), room)).toEqual([]);
  });
});

describe("a summary that is no longer wanted", () => {
  it("of a session that is deleted while the model writes is not written, and its hold is given back", async () => {
    const { room, turn } = await due();
    const letGo = await hangingCall(turn);
    const path = `/rooms/${room.room.id}/sessions/${room.session.id}`;
    expect((await bench().request("delete", path, { token: room.user.token })).status).toBe(204);
    expect(await letGo()).toMatchObject({ status: 200 });
    expect(await summaries(bench(), room)).toEqual([]);
    expect(await booked(bench(), turn)).toMatchObject([{ purpose: "summarize", status: "ok" }]);
    expect(await isOpen({ room })).toBe(0);
  });

  it("is cancelled like any turn, in mid-call too, and the conversation goes on; another is made later", async () => {
    const { room, turn } = await due();
    const ninth = await room.send("Question 9?");
    const letGo = await hangingCall(turn);
    const answer = await bench().request("post", `/turns/${turn.id}/cancel`, { token: room.user.token });
    expect([answer.status, answer.json(Turn).status]).toEqual([200, "cancelled"]);
    expect(await readTurn(bench(), room, ninth.id)).toMatchObject({ status: "queued" });
    await letGo();
    expect(await summaries(bench(), room)).toEqual([]);
    expect(await isOpen({ room })).toBe(1);
    await bench().deliver(ninth, 0);
    expect(await readTurn(bench(), room, ninth.id)).toMatchObject({ status: "completed" });
    const [, again] = await summaryTurns(bench(), room);
    expect(again).toMatchObject({ status: "queued", turn_index: -2 });
  });

  it("that is cancelled hands the session to nobody else", async () => {
    const { room, turn } = await due();
    const ninth = await room.send("Question 9?");
    const tenth = await room.send("Question 10?", { on_busy: "enqueue" });
    await bench().request("post", `/turns/${turn.id}/cancel`, { token: room.user.token });
    expect(await bench().deliver(tenth, 0)).toMatchObject({ status: 409 });
    await bench().deliver(ninth, 0);
    expect(await bench().deliver(tenth, 0)).toMatchObject({ status: 200 });
  });
});

describe("what is told of a summary", () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());

  it("is that it was made, and nothing else", async () => {
    const room = await bench().furnish(["ada"]);
    const body = { url: `${receiver.url}/all` };
    const made = await bench().request("post", "/webhook_endpoints", { token: room.user.token, body });
    expect(made.status).toBe(201);
    await talkUntilDue(bench(), room);
    const turn = await onlySummaryTurn(bench(), room);
    await deliverAll(bench(), room, turn);
    const deliveries = await bench().request("get", "/webhook_deliveries?limit=100", { token: room.user.token });
    const of = deliveries.json(listOf(WebhookDelivery)).data.filter(({ turn_id }) => turn_id === turn.id);
    expect(of.map(({ type }) => type)).toEqual(["summary.created"]);
    const inForce = await bench().request("get", `/sessions/${room.session.id}/summary`, { token: room.user.token });
    const log = await bench().request("get", `/turns/${turn.id}/events`, { token: room.user.token });
    expect(log.text).toContain(`"summary_id":"${inForce.json(SessionSummary).id}"`);
  });
});
