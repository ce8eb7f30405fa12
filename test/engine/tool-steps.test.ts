import { describe, expect, it } from "vitest";
import { Turn } from "../../src/contract/turns.ts";
import { eventually } from "../support/eventually.ts";
import { chatRequests } from "./engine-kit.ts";
import { calculate, sendTo, useMailBench } from "./mail-kit.ts";
import { bookedOf, eventTypes, expectExactWallet, expectOneStory, gate } from "./tools-kit.ts";

const { bench, mail, skip, script, give, addServer, read } = useMailBench(["send"]);
const leaseSeconds = 150;

/** A room in which ada has these tools, and mail's go without asking. */
async function furnish(tools: readonly string[], server: object = {}) {
  const room = await bench().furnish(["ada"]);
  await give(room, "ada", tools);
  await addServer(room, { name: "mail", url: `${mail().url}/mcp`, requires_approval: false, ...server });
  return room;
}

/** Messages for the entrypoint that calls webhooks. */
const deliveriesQueued = () =>
  bench()
    .cloud.standIns.qstash.core.events()
    .filter(({ state, message }) => state === "CREATED" && message.url.endsWith("/internal/deliveries"));

describe("the money of a step with tools", () => {
  it("is charged for every call that was answered, also for the one that had to be asked again", async () => {
    const room = await furnish(["calculator"]);
    script({ tool_calls: [calculate("1")] }, { text: "" }, { text: "One." });
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: "One." }] });
    const booked = await bookedOf(bench(), turn);
    expect(booked.map((row) => [row.charged_units > 0n, row.charged_units === row.credit_units])).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
    await expectExactWallet(bench(), room);
  });

  it("is at most what was held, whatever the provider counts", async () => {
    const room = await furnish(["calculator"]);
    const dear = { prompt_tokens: 50_000_000, completion_tokens: 10 };
    script({ tool_calls: [calculate("1")], usage: dear }, { text: "One.", usage: dear });
    const turn = await room.send("Go");
    const held = await bench().count("select units from holds where turn_id = $1", [turn.id]);
    await bench().deliver(turn, 0);
    const booked = await bookedOf(bench(), turn);
    expect(booked.map((row) => Number(row.charged_units))).toEqual([held, 0]);
    expect(booked.every((row) => row.credit_units > BigInt(held))).toBe(true);
    await expectExactWallet(bench(), room);
  });

  it("is charged once for what came before a pause of the provider, and the tool is not called again", async () => {
    const room = await furnish(["mail/send"]);
    const endpoint = { url: `${mail().url}/hooks`, events: ["tool.called"] };
    await bench().request("post", "/webhook_endpoints", { token: room.user.token, body: endpoint });
    mail().run = () => {
      bench().cloud.standIns.openRouter.setFaults({ rate_limited: { fail_next: 1, retry_after_seconds: 7 } });
      return "sent";
    };
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ retryAfter: "7" });
    expect(deliveriesQueued()).toHaveLength(1);
    const waiting = await read(room, turn);
    expect(waiting).toMatchObject({ status: "running", steps: [{ status: "ready", tool_calls: [{ status: "ok" }] }] });
    await expectOneStory(bench(), waiting);
    await bench().pass(8);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "completed", steps: [{ output: "Sent." }] });
    expect(mail().called).toHaveLength(1);
    expect((await bookedOf(bench(), turn)).map((row) => row.charged_units > 0n)).toEqual([true, false, true]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });
});

describe("a step that stops between its calls", () => {
  it("goes on with another message when its time is short, and repeats neither model nor tool", async () => {
    const room = await furnish(["mail/send"]);
    mail().run = () => {
      skip(90_000);
      return "sent";
    };
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(chatRequests(bench())).toHaveLength(1);
    const between = await read(room, turn);
    expect(between).toMatchObject({ status: "running", steps: [{ status: "ready", tool_calls: [{ status: "ok" }] }] });
    await expectOneStory(bench(), between);
    const messages = () =>
      bench()
        .accepted()
        .filter((message) => message.turn === turn.id);
    expect(messages()).toHaveLength(2);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "completed", steps: [{ output: "Sent.", attempts: 1 }] });
    expect([mail().called.length, chatRequests(bench()).length]).toEqual([1, 2]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });

  it("is run again, that claim and no more, when its holder is gone after the tool and before the commit", async () => {
    const room = await furnish(["mail/send"]);
    const held = gate("sent");
    script(
      { tool_calls: [sendTo("Bob")] },
      { tool_calls: [sendTo("Eve")] },
      { tool_calls: [sendTo("Eve")] },
      { text: "Sent." },
    );
    const turn = await room.send("Go");
    mail().run = (called) => {
      if (called.arguments.to === "Bob") skip(90_000);
      return mail().called.length === 2 ? held.opened : "sent";
    };
    await bench().deliver(turn, 0);
    const gone = bench().deliver(turn, 0);
    await eventually(() => expect(mail().called).toHaveLength(2));
    await bench().pass(leaseSeconds + 1);
    await bench().deliver(turn, 0);
    const over = await read(room, turn);
    held.open();
    expect(await gone).toMatchObject({ status: 200 });
    expect(over).toMatchObject({ status: "completed", steps: [{ output: "Sent." }] });
    expect(mail().called.map(({ arguments: given }) => given.to)).toEqual(["Bob", "Eve", "Eve"]);
    expect(over.steps[0]?.tool_calls.map(({ arguments: given }) => given)).toEqual(['{"to":"Bob"}', '{"to":"Eve"}']);
    expect(await read(room, turn)).toEqual(over);
    expect((await bookedOf(bench(), turn)).map(({ status }) => status)).toEqual(["ok", "lost", "ok", "ok"]);
    await expectOneStory(bench(), over);
    await expectExactWallet(bench(), room);
  });

  it("and whose turn is cancelled meanwhile keeps the row of the call that was made, and its log stays closed", async () => {
    const room = await furnish(["mail/send"]);
    const held = gate("sent");
    mail().run = () => held.opened;
    script({ tool_calls: [sendTo("Bob")] }, { text: "Sent." });
    const turn = await room.send("Go");
    const delivered = bench().deliver(turn, 0);
    await eventually(() => expect(mail().called).toHaveLength(1));
    const sent = { token: room.user.token };
    expect((await bench().request("post", `/turns/${turn.id}/cancel`, sent)).json(Turn).status).toBe("cancelled");
    held.open();
    expect(await delivered).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "cancelled", steps: [{ tool_calls: [{ name: "mail_send", status: "ok" }] }] });
    expect((await eventTypes(bench(), turn)).at(-1)).toBe("turn.cancelled");
    await expectExactWallet(bench(), room);
  });
});
