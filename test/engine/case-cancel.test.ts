import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, hangInCall, messagesOf, statusesOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

async function read({ user }: Furnished, { id }: Turn): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

const cancel = ({ user }: Furnished, { id }: Turn) =>
  bench().request("post", `/turns/${id}/cancel`, { token: user.token });

const terminalEvents = ({ id }: Turn) =>
  bench().rows(
    z.object({ type: z.string() }),
    "select type from turn_events where turn_id = $1 and type in ('turn.completed', 'turn.partial', 'turn.failed', 'turn.cancelled')",
    [id],
  );

const leaseSeconds = 150;

const callsOf = ({ id }: Turn) =>
  bench().rows(
    z.object({ attempt: z.number(), status: z.string() }),
    "select attempt, status from llm_call_events where turn_id = $1",
    [id],
  );

describe("a cancelled turn", () => {
  it("case 30: is over at once while queued; later deliveries are dropped", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    expect((await cancel(room, turn)).json(Turn).status).toBe("cancelled");
    await cancel(room, turn);
    for (const index of [0, 1, 0]) expect(await bench().deliver(turn, index)).toMatchObject({ status: 200 });
    expect(chatRequests(bench())).toHaveLength(0);
    expect(await terminalEvents(turn)).toEqual([{ type: "turn.cancelled" }]);
    expect(await bench().count("select count(*) from outbox where turn_id = $1", [turn.id])).toBe(0);
  });

  it("case 31: keeps of the call that ran only its ledger row", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    const letGo = await hangInCall(bench(), turn);
    expect((await cancel(room, turn)).json(Turn).status).toBe("cancelled");
    const accepted = bench().accepted().length;
    expect(await letGo()).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "cancelled", usage: { model_calls: 1 } });
    expect(over.usage.output_tokens).toBeGreaterThan(0);
    expect(statusesOf(over)).toEqual(["cancelled", "cancelled"]);
    expect(await bench().count("select count(*) from messages where turn_id = $1", [turn.id])).toBe(1);
    expect(await terminalEvents(turn)).toEqual([{ type: "turn.cancelled" }]);
    expect(bench().accepted()).toHaveLength(accepted);
    await bench().pass(1000);
    await bench().sweep();
    expect(await read(room, turn)).toEqual(over);
  });

  it("case 31: books a call as lost, once, when its holder never comes back", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const letGo = await hangInCall(bench(), turn);
    await cancel(room, turn);
    await bench().sweep();
    expect(await callsOf(turn)).toEqual([]);
    await bench().pass(leaseSeconds + 1);
    await Promise.all([bench().sweep(), bench().sweep()]);
    expect(await callsOf(turn)).toEqual([{ attempt: 1, status: "lost" }]);
    expect(await letGo()).toMatchObject({ status: 200 });
    await bench().sweep();
    expect(await callsOf(turn)).toEqual([{ attempt: 1, status: "lost" }]);
  });

  it("case 32: against its own end has exactly one outcome and one terminal event", async () => {
    for (let race = 0; race < 8; race += 1) {
      const room = await bench().furnish(["ada"]);
      const turn = await room.send("Go");
      const letGo = await hangInCall(bench(), turn);
      const [, answer] = await Promise.all([letGo(), cancel(room, turn)]);
      const over = await read(room, turn);
      expect(await terminalEvents(turn)).toEqual([{ type: `turn.${over.status}` }]);
      expect([over.status, answer.status]).toEqual(
        over.status === "cancelled" ? ["cancelled", 200] : ["completed", 409],
      );
    }
  });
});

describe("what is deleted or edited in mid-turn", () => {
  it.each(["room", "session"])("case 33: a %s takes its turns with it", async (what) => {
    const room = await bench().furnish(["ada", "bob"]);
    const running = await room.send("Go");
    const queued = await room.send("Later", { on_busy: "enqueue" });
    const letGo = await hangInCall(bench(), running);
    const path = what === "room" ? `/rooms/${room.room.id}` : `/rooms/${room.room.id}/sessions/${room.session.id}`;
    expect((await bench().request("delete", path, { token: room.user.token })).status).toBe(204);
    expect(await letGo()).toMatchObject({ status: 200 });
    expect(await bench().deliver(queued, 0)).toMatchObject({ status: 200 });
    const statuses = await bench().rows(
      z.object({ status: z.string(), is_active: z.boolean() }),
      "select status, is_active from turns where session_id = $1",
      [room.session.id],
    );
    expect(statuses).toEqual([
      { status: "cancelled", is_active: false },
      { status: "cancelled", is_active: false },
    ]);
    for (const turn of [running, queued]) expect(await terminalEvents(turn)).toEqual([{ type: "turn.cancelled" }]);
    expect(await bench().count("select count(*) from outbox where owner_id = $1", [room.user.id])).toBe(0);
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 34: an agent stays as it was for this turn, and changes for the next", async () => {
    const room = await bench().furnish(["ada", "bob", "cyd"]);
    const { token } = room.user;
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    const path = `/rooms/${room.room.id}/agents`;
    const change = { role_prompt: "You are somebody new.", name: "Roberta" };
    expect((await bench().request("patch", `${path}/bob`, { token, body: change })).status).toBe(200);
    expect((await bench().request("delete", `${path}/cyd`, { token })).status).toBe(204);
    await bench().deliver(turn, 1);
    await bench().deliver(turn, 2);
    const over = await read(room, turn);
    expect(over.status).toBe("completed");
    expect(over.steps.map((step) => [step.agent_name, step.status])).toEqual([
      ["ADA", "done"],
      ["BOB", "done"],
      ["CYD", "done"],
    ]);
    expect(messagesOf(chatRequests(bench())[1])[0]?.content).toContain("You are bob.");
    const next = await room.send("Again");
    expect(next.steps.map((step) => step.agent_name)).toEqual(["ADA", "Roberta"]);
    await bench().deliver(next, 0);
    await bench().deliver(next, 1);
    expect(messagesOf(chatRequests(bench()).at(-1))[0]?.content).toContain("You are somebody new.");
  });
});
