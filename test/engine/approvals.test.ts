import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Turn } from "../../src/contract/turns.ts";
import { chatRequests, statusesOf } from "./engine-kit.ts";
import { approved, askingRooms, awaitedIn, denied, sendTo, useMailBench } from "./mail-kit.ts";
import { bookedOf, eventsOf, eventTypes, expectExactWallet, expectOneStory, resultsIn } from "./tools-kit.ts";

const mailBench = useMailBench(["send"]);
const { bench, mail, script, read, decide } = mailBench;
const { furnish, untilAsked } = askingRooms(mailBench);

describe("a call that requires approval", () => {
  it("pauses the turn, says what it would do, and does nothing", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob"), { name: "calculator", arguments: { expression: "1" } }] });
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
    expect(mail().called).toEqual([]);
    const told = await eventsOf(bench(), room, turn);
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
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    const going = (await decide(room, turn, [approved(ids[0])])).json(Turn);
    expect(going).toMatchObject({ status: "running", pause: null, steps: [{ status: "ready" }] });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over).toMatchObject({
      status: "completed",
      steps: [{ output: "Sent.", tool_calls: [{ id: ids[0], status: "ok" }] }],
    });
    expect(mail().called).toEqual([{ name: "send", arguments: { to: "Bob" }, authorization: "Bearer s3cret" }]);
    expect(chatRequests(bench())).toHaveLength(2);
    const last = ["turn.resumed", "tool.called", "message.completed", "turn.completed"];
    expect((await eventTypes(bench(), turn)).slice(-4)).toEqual(last);
    expect((await bookedOf(bench(), turn)).map((row) => row.charged_units === row.credit_units)).toEqual([true, true]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });

  it("once denied is never made, and the model is told so", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob")] }, { text: "Then not." });
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
    expect(mail().called).toEqual([]);
    await expectOneStory(bench(), over);
  });

  it.each(["one request", "two requests"])("is decided on beside another in %s", async (how) => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob"), sendTo("Eve")] }, { text: "One of them." });
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
    expect(mail().called.map(({ arguments: given }) => given.to)).toEqual(["Eve"]);
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
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const { turn, paused, ids } = await untilAsked(room);
    const before = [paused, await eventsOf(bench(), room, turn)];
    for (const wrong of [[approved(randomUUID())], [approved(ids[0]), approved(randomUUID())]])
      expect((await decide(room, turn, wrong)).problem()).toMatchObject({ status: 409, code: "conflict" });
    for (const wrong of [[], [approved(ids[0]), denied(ids[0])], [{ id: ids[0], decision: "maybe" }]])
      expect((await decide(room, turn, wrong)).problem().status).toBe(422);
    expect([await read(room, turn), await eventsOf(bench(), room, turn)]).toEqual(before);
    await decide(room, turn, [approved(ids[0])]);
    const going = await read(room, turn);
    for (const again of [approved(ids[0]), denied(ids[0])])
      expect((await decide(room, turn, [again])).problem().code).toBe("conflict");
    expect(await read(room, turn)).toEqual(going);
    await bench().deliver(turn, 0);
    expect((await decide(room, turn, [approved(ids[0])])).problem().code).toBe("conflict");
    expect(mail().called).toHaveLength(1);
  });

  it("is nobody else's: to them there is no such turn", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob")] });
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
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const { turn, ids } = await untilAsked(room);
    const answers = await Promise.all(Array.from({ length: 6 }, () => decide(room, turn, [approved(ids[0])])));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
    expect((await eventTypes(bench(), turn)).filter((type) => type === "turn.resumed")).toHaveLength(1);
    await Promise.all([bench().deliver(turn, 0), bench().deliver(turn, 0)]);
    expect(mail().called).toHaveLength(1);
  });

  it("says nothing of a tool that was taken away since: it is not called", async () => {
    const room = await furnish();
    script({ tool_calls: [sendTo("Bob")] }, { text: "I cannot." });
    const { turn, ids } = await untilAsked(room);
    await bench().request("delete", `/rooms/${room.room.id}/tool_servers/mail`, { token: room.user.token });
    await decide(room, turn, [approved(ids[0])]);
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({
      status: "completed",
      steps: [{ tool_calls: [{ status: "refused" }] }],
    });
    expect(mail().called).toEqual([]);
  });
});
