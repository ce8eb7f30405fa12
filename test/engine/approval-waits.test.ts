import { describe, expect, it } from "vitest";
import { openStep } from "../../functions/step.ts";
import { parseEnvironment } from "../../src/compose/env.ts";
import { compose } from "../../src/compose.ts";
import { Turn } from "../../src/contract/turns.ts";
import { signAttempt } from "../../src/local/qstash/signature.ts";
import { patientDeadlines } from "../support/patient-deadlines.ts";
import { bodyOf } from "./engine-bench.ts";
import { chatRequests, statusesOf } from "./engine-kit.ts";
import { approved, askingRooms, awaitedIn, denied, sendTo, useMailBench } from "./mail-kit.ts";
import { bookedOf, eventsOf, eventTypes, expectExactWallet, expectOneStory } from "./tools-kit.ts";

const mailBench = useMailBench(["send"]);
const { bench, mail, skip, script, read, decide } = mailBench;
const { furnish, untilAsked } = askingRooms(mailBench);

describe("other steps", () => {
  it("go on first, and the turn rests when nothing else can move", async () => {
    const room = await furnish(["ada", "bob", "cyd"], { mode: "manual" });
    script(
      { tool_calls: [sendTo("Bob")] },
      { text: "Bob here." },
      { tool_calls: [sendTo("Cyd")] },
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
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." }, { text: "Bob here." });
    const turn = await room.send("@ada @bob");
    await bench().deliver(turn, 0);
    const requested = (await eventsOf(bench(), room, turn)).find(({ type }) => type === "approval.requested");
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
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    await bench().pass(7 * 86_400);
    await bench().sweep();
    await decide(room, turn, [approved(ids[0])]);
    const { variables, keys } = bench().cloud;
    const parsed = parseEnvironment(variables);
    if (parsed.kind === "invalid") throw new Error(parsed.message);
    const fresh = openStep(compose(parsed.environment, {}, patientDeadlines));
    const url = `${bench().composed.ports.publicBaseUrl}/internal/steps`;
    const body = bodyOf(turn, 0);
    const key = keys.qstashCurrentSigningKey;
    const signature = await signAttempt({ url, body: new TextEncoder().encode(body), key, wallMs: Date.now() });
    const request = new Request(url, { method: "POST", body, headers: { "upstash-signature": signature } });
    expect((await fresh.fetch(request)).status).toBe(200);
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: "Sent.", attempts: 1 }] });
    expect([mail().called.length, chatRequests(bench()).length]).toEqual([1, 2]);
  });

  it("gives back what it held when it is cancelled, and nothing can be decided any more", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const { turn, paused, ids } = await untilAsked(room);
    expect(Number(paused.cost.held)).toBeGreaterThan(0);
    const sent = { token: room.user.token };
    const cancelled = (await bench().request("post", `/turns/${turn.id}/cancel`, sent)).json(Turn);
    expect(cancelled).toMatchObject({ status: "cancelled", pause: null, cost: { held: "0" } });
    expect((await bookedOf(bench(), turn)).map((row) => row.charged_units > 0n)).toEqual([true]);
    await expectExactWallet(bench(), room);
    expect((await decide(room, turn, [approved(ids[0])])).problem().code).toBe("conflict");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect([mail().called.length, chatRequests(bench()).length]).toEqual([0, 1]);
    expect((await eventTypes(bench(), turn)).at(-1)).toBe("turn.cancelled");
  });

  it("is not resumed like one that waits for money, nor interrupted by anything but another turn", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob")] });
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
    script({ tool_calls: [sendTo("Bob"), sendTo("Eve")] }, { text: "Sent both." });
    const { turn, ids } = await untilAsked(room);
    await decide(room, turn, ids.map(approved));
    mail().run = () => {
      skip(90_000);
      return "sent";
    };
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "running", steps: [{ status: "ready" }] });
    await bench().deliver(turn, 0);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "completed", steps: [{ output: "Sent both." }] });
    expect(mail().called.map(({ arguments: given }) => given.to)).toEqual(["Bob", "Eve"]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });
});
