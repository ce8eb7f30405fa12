import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStep } from "../../functions/step.ts";
import { parseEnvironment } from "../../src/compose/env.ts";
import { compose } from "../../src/compose.ts";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { Turn } from "../../src/contract/turns.ts";
import { signAttempt } from "../../src/local/qstash/signature.ts";
import type { Furnished } from "../support/engine.ts";
import { bodyOf } from "./engine-bench.ts";
import { chatRequests, statusesOf, useBench } from "./engine-kit.ts";
import {
  bookedOf,
  eventTypes,
  expectExactWallet,
  expectOneStory,
  type RemoteTools,
  resultsIn,
  startTools,
  toolsOf,
} from "./tools-kit.ts";

let skippedMs = 0;
const clock = { now: () => new Date(Date.now() + skippedMs) };
const bench = useBench({ ports: { clock } });
const { give, addServer, read, decide } = toolsOf(bench);

let mail: RemoteTools;
beforeAll(async () => {
  mail = await startTools(["send"]);
});
afterAll(() => mail.stop());
beforeEach(async () => {
  skippedMs = 0;
  mail.called.length = 0;
  mail.run = ({ name }) => `${name} done`;
  bench().resetModel();
  await bench().holdQueue();
});

type Script = Parameters<ReturnType<typeof bench>["cloud"]["standIns"]["openRouter"]["setScript"]>[0];
const script = (...replies: Script) => bench().cloud.standIns.openRouter.setScript(replies);
const send = (to: string) => ({ name: "mail_send", arguments: { to } });

async function furnish(keys: readonly string[] = ["ada"], room: object = {}) {
  const furnished = await bench().furnish(keys, room);
  await addServer(furnished, { name: "mail", url: mail.url, authorization: "Bearer s3cret" });
  for (const key of keys) await give(furnished, key, ["mail/*", "calculator"]);
  return furnished;
}

function awaitedIn(turn: Turn) {
  if (turn.pause?.code !== "approval_required") throw new Error(`the turn waits for no approval: ${turn.status}`);
  return turn.pause.approvals;
}

/** A turn that has come to rest at what its agent asks for. */
async function untilAsked(room: Furnished, message = "Mail them") {
  const turn = await room.send(message);
  expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
  const paused = await read(room, turn);
  return { turn, paused, ids: awaitedIn(paused).map(({ id }) => id) };
}

async function events(room: Furnished, { id }: Turn): Promise<readonly TurnEvent[]> {
  const answer = await bench().request("get", `/turns/${id}/events`, { token: room.user.token });
  return (JSON.parse(answer.text) as { readonly data: readonly unknown[] }).data.map((event) => TurnEvent.parse(event));
}

const approved = (id: string | undefined) => ({ id: id ?? "", decision: "approved" });
const denied = (id: string | undefined) => ({ id: id ?? "", decision: "denied" });

describe("a call that requires approval", () => {
  it("pauses the turn, says what it would do, and does nothing", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob"), { name: "calculator", arguments: { expression: "1" } }] });
    const { turn, paused } = await untilAsked(room);
    const [step] = paused.steps;
    const asked = {
      id: expect.any(String),
      step_id: step?.id,
      agent_key: "ada",
      tool: "mail_send",
      arguments: { to: "Bob" },
    };
    expect(paused).toMatchObject({ status: "paused", pause: { code: "approval_required", approvals: [asked] } });
    expect(statusesOf(paused)).toEqual(["awaiting"]);
    expect(mail.called).toEqual([]);
    const told = await events(room, turn);
    expect(told.map(({ type }) => type).slice(-3)).toEqual(["tool.called", "approval.requested", "turn.paused"]);
    expect(told.at(-2)?.data).toMatchObject({
      id: awaitedIn(paused)[0]?.id,
      tool: "mail_send",
      arguments: { to: "Bob" },
    });
    expect(told.at(-1)?.data).toEqual({ status: "paused", pause: paused.pause });
    await expectOneStory(bench(), paused);
  });

  it("once approved is made, and what the model said before is not asked for again", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    const going = (await decide(room, turn, [approved(ids[0])])).json(Turn);
    expect(going).toMatchObject({ status: "running", pause: null, steps: [{ status: "ready" }] });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over).toMatchObject({
      status: "completed",
      steps: [{ output: "Sent.", tool_calls: [{ id: ids[0], status: "ok" }] }],
    });
    expect(mail.called).toEqual([{ name: "send", arguments: { to: "Bob" }, authorization: "Bearer s3cret" }]);
    expect(chatRequests(bench())).toHaveLength(2);
    const last = ["turn.resumed", "tool.called", "message.completed", "turn.completed"];
    expect((await eventTypes(bench(), turn)).slice(-4)).toEqual(last);
    expect((await bookedOf(bench(), turn)).map((row) => row.charged_units === row.credit_units)).toEqual([true, true]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });

  it("once denied is never made, and the model is told so", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Then not." });
    const { turn, ids } = await untilAsked(room);
    expect((await decide(room, turn, [denied(ids[0])])).status).toBe(200);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({
      status: "completed",
      steps: [{ output: "Then not.", tool_calls: [{ status: "denied" }] }],
    });
    expect(resultsIn(bench(), 1)).toEqual([
      expect.stringContaining('status="denied">The user did not allow this call.'),
    ]);
    expect(mail.called).toEqual([]);
    await expectOneStory(bench(), over);
  });

  it.each(["one request", "two requests"])("is decided on beside another in %s", async (how) => {
    const room = await furnish();
    script({ tool_calls: [send("Bob"), send("Eve")] }, { text: "One of them." });
    const { turn, ids } = await untilAsked(room);
    const [bob, eve] = [denied(ids[0]), approved(ids[1])];
    if (how === "two requests") {
      const half = (await decide(room, turn, [eve])).json(Turn);
      expect(half.status).toBe("paused");
      expect(awaitedIn(half).map(({ id }) => id)).toEqual([ids[0]]);
      expect((await decide(room, turn, [eve])).json(Turn)).toEqual(half);
      expect((await decide(room, turn, [denied(ids[1])])).problem()).toMatchObject({ status: 409, code: "conflict" });
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 409 });
      expect((await decide(room, turn, [bob])).json(Turn).status).toBe("running");
    } else expect((await decide(room, turn, [bob, eve])).json(Turn).status).toBe("running");
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over.steps[0]?.tool_calls.map(({ status }) => status)).toEqual(["denied", "ok"]);
    expect(mail.called.map(({ arguments: given }) => given.to)).toEqual(["Eve"]);
    await expectOneStory(bench(), over);
  });

  it("whose words no database can hold is asked about and made all the same", async () => {
    const room = await furnish();
    script({ tool_calls: [{ name: "mail_send", arguments: '{"to":"Bob\\u0000\\ud800"}' }] }, { text: "Sent." });
    const { turn, paused, ids } = await untilAsked(room);
    expect(awaitedIn(paused)[0]?.arguments).toEqual({ to: "Bob\uFFFD\uFFFD" });
    await decide(room, turn, [approved(ids[0])]);
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: "Sent." }] });
  });
});

describe("a decision", () => {
  it("is refused as a whole where any of its calls does not wait, and nothing is changed", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Sent." });
    const { turn, paused, ids } = await untilAsked(room);
    const before = [paused, await events(room, turn)];
    for (const wrong of [[approved(randomUUID())], [approved(ids[0]), approved(randomUUID())]])
      expect((await decide(room, turn, wrong)).problem()).toMatchObject({ status: 409, code: "conflict" });
    for (const wrong of [[], [approved(ids[0]), denied(ids[0])], [{ id: ids[0], decision: "maybe" }]])
      expect((await decide(room, turn, wrong)).problem().status).toBe(422);
    expect([await read(room, turn), await events(room, turn)]).toEqual(before);
    await decide(room, turn, [approved(ids[0])]);
    const going = await read(room, turn);
    for (const again of [approved(ids[0]), denied(ids[0])])
      expect((await decide(room, turn, [again])).problem().code).toBe("conflict");
    expect(await read(room, turn)).toEqual(going);
    await bench().deliver(turn, 0);
    expect((await decide(room, turn, [approved(ids[0])])).problem().code).toBe("conflict");
    expect(mail.called).toHaveLength(1);
  });

  it("is nobody else's: to them there is no such turn", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] });
    const { turn, paused, ids } = await untilAsked(room);
    const eve = await bench().signUp();
    const theirs = await decide({ user: eve }, turn, [approved(ids[0])]);
    const absent = await decide({ user: eve }, { ...turn, id: Turn.shape.id.parse(randomUUID()) }, [approved(ids[0])]);
    expect([theirs.problem().code, theirs.problem().detail]).toEqual([absent.problem().code, absent.problem().detail]);
    expect(theirs.status).toBe(404);
    expect(await read(room, turn)).toEqual(paused);
    const path = `/rooms/${room.room.id}/sessions/${room.session.id}`;
    await bench().request("delete", path, { token: room.user.token });
    expect((await decide(room, turn, [approved(ids[0])])).problem().status).toBe(404);
  });

  it("made twice at once lets the step go once", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    const answers = await Promise.all(Array.from({ length: 6 }, () => decide(room, turn, [approved(ids[0])])));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
    expect((await eventTypes(bench(), turn)).filter((type) => type === "turn.resumed")).toHaveLength(1);
    await Promise.all([bench().deliver(turn, 0), bench().deliver(turn, 0)]);
    expect(mail.called).toHaveLength(1);
  });

  it("says nothing of a tool that was taken away since: it is not called", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "I cannot." });
    const { turn, ids } = await untilAsked(room);
    await bench().request("delete", `/rooms/${room.room.id}/tool_servers/mail`, { token: room.user.token });
    await decide(room, turn, [approved(ids[0])]);
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({
      status: "completed",
      steps: [{ tool_calls: [{ status: "refused" }] }],
    });
    expect(mail.called).toEqual([]);
  });
});

describe("other steps", () => {
  it("go on first, and the turn rests when nothing else can move", async () => {
    const room = await furnish(["ada", "bob", "cyd"], { mode: "manual" });
    script(
      { tool_calls: [send("Bob")] },
      { text: "Bob here." },
      { tool_calls: [send("Cyd")] },
      { text: "One." },
      { text: "Two." },
    );
    const turn = await room.send("@ada @bob @cyd");
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "running", pause: null });
    await bench().deliver(turn, 1);
    expect(statusesOf(await read(room, turn))).toEqual(["awaiting", "done", "ready"]);
    await bench().deliver(turn, 2);
    const paused = await read(room, turn);
    expect(awaitedIn(paused).map(({ agent_key }) => agent_key)).toEqual(["ada", "cyd"]);
    const [ada, cyd] = awaitedIn(paused);
    expect((await decide(room, turn, [approved(cyd?.id)])).json(Turn)).toMatchObject({
      status: "running",
      pause: null,
    });
    await bench().deliver(turn, 2);
    const again = await read(room, turn);
    expect([again.status, awaitedIn(again).map(({ id }) => id)]).toEqual(["paused", [ada?.id]]);
    await decide(room, turn, [denied(ada?.id)]);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect([over.status, statusesOf(over)]).toEqual(["completed", ["done", "done", "done"]]);
    expect((await eventTypes(bench(), turn)).filter((type) => type.startsWith("turn."))).toEqual([
      "turn.created",
      "turn.started",
      "turn.paused",
      "turn.resumed",
      "turn.paused",
      "turn.resumed",
      "turn.completed",
    ]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });

  it("need not end before a decision: one that is made while they speak lets its step go at once", async () => {
    const room = await furnish(["ada", "bob"], { mode: "manual" });
    script({ tool_calls: [send("Bob")] }, { text: "Sent." }, { text: "Bob here." });
    const turn = await room.send("@ada @bob");
    await bench().deliver(turn, 0);
    const requested = (await events(room, turn)).find(({ type }) => type === "approval.requested");
    if (requested?.type !== "approval.requested") throw new Error("nothing was asked");
    expect((await decide(room, turn, [approved(requested.data.id)])).json(Turn).status).toBe("running");
    await bench().deliver(turn, 0);
    await bench().deliver(turn, 1);
    expect((await read(room, turn)).status).toBe("completed");
    expect((await eventTypes(bench(), turn)).filter((type) => /paused|resumed/.test(type))).toEqual([]);
  });
});

describe("a turn that waits for approval", () => {
  it("survives a restart of everything, and makes no model call twice", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    await bench().pass(7 * 86_400);
    await bench().sweep();
    await decide(room, turn, [approved(ids[0])]);
    const { variables, keys } = bench().cloud;
    const parsed = parseEnvironment(variables);
    if (parsed.kind === "invalid") throw new Error(parsed.message);
    const fresh = openStep(compose(parsed.environment));
    const url = `${bench().composed.ports.publicBaseUrl}/internal/steps`;
    const body = bodyOf(turn, 0);
    const key = keys.qstashCurrentSigningKey;
    const signature = await signAttempt({ url, body: new TextEncoder().encode(body), key, wallMs: Date.now() });
    const request = new Request(url, { method: "POST", body, headers: { "upstash-signature": signature } });
    expect((await fresh.fetch(request)).status).toBe(200);
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: "Sent.", attempts: 1 }] });
    expect([mail.called.length, chatRequests(bench()).length]).toEqual([1, 2]);
  });

  it("gives back what it held when it is cancelled, and nothing can be decided any more", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] }, { text: "Sent." });
    const { turn, paused, ids } = await untilAsked(room);
    expect(Number(paused.cost.held)).toBeGreaterThan(0);
    const sent = { token: room.user.token };
    const cancelled = (await bench().request("post", `/turns/${turn.id}/cancel`, sent)).json(Turn);
    expect(cancelled).toMatchObject({ status: "cancelled", pause: null, cost: { held: "0" } });
    expect((await bookedOf(bench(), turn)).map((row) => row.charged_units > 0n)).toEqual([true]);
    await expectExactWallet(bench(), room);
    expect((await decide(room, turn, [approved(ids[0])])).problem().code).toBe("conflict");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect([mail.called.length, chatRequests(bench()).length]).toEqual([0, 1]);
    expect((await eventTypes(bench(), turn)).at(-1)).toBe("turn.cancelled");
  });

  it("is not resumed like one that waits for money, nor interrupted by anything but another turn", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob")] });
    const { turn, paused } = await untilAsked(room);
    const sent = { token: room.user.token };
    const refused = await bench().request("post", `/turns/${turn.id}/resume`, sent);
    expect(refused.problem()).toMatchObject({ status: 409, code: "conflict" });
    expect(await read(room, turn)).toEqual(paused);
    const path = `/sessions/${room.session.id}/turns`;
    const busy = await bench().request("post", path, { ...sent, body: { message: "And?" } });
    expect(busy.problem().code).toBe("turn_in_progress");
    await room.send("Never mind", { on_busy: "interrupt" });
    expect((await read(room, turn)).status).toBe("cancelled");
  });

  it("asks for nothing twice when its time runs out between two approved calls", async () => {
    const room = await furnish();
    script({ tool_calls: [send("Bob"), send("Eve")] }, { text: "Sent both." });
    const { turn, ids } = await untilAsked(room);
    await decide(room, turn, ids.map(approved));
    mail.run = () => {
      skippedMs += 90_000;
      return "sent";
    };
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "running", steps: [{ status: "ready" }] });
    await bench().deliver(turn, 0);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "completed", steps: [{ output: "Sent both." }] });
    expect(mail.called.map(({ arguments: given }) => given.to)).toEqual(["Bob", "Eve"]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });
});
