import { beforeEach, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Turn, TurnSummary } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { stepOf } from "./engine-bench.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

function post({ user, session }: Furnished, body: object, key: string) {
  const headers = { "idempotency-key": key };
  return bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body, headers });
}

async function turnsOf({ user, session }: Furnished) {
  const answer = await bench().request("get", `/sessions/${session.id}/turns`, { token: user.token });
  return answer.json(listOf(TurnSummary)).data;
}

describe("one Idempotency-Key", () => {
  it("gives the same answer again, to the byte, with the index that the turn has", async () => {
    const room = await bench().furnish(["ada"]);
    const before = await room.send("Before");
    await bench().deliver(before, 0);
    const body = { message: "Once ä 😀", metadata: { turn_index: 7, zebra: 1, a: 2 } };
    const first = await post(room, body, "key-1");
    const again = await post(room, body, "key-1");
    expect(first.json(Turn).turn_index).toBe(2);
    expect([again.status, again.text, again.headers.get("location")]).toEqual([
      202,
      first.text,
      first.headers.get("location"),
    ]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await turnsOf(room)).toHaveLength(2);
  });

  it("is refused with another body", async () => {
    const room = await bench().furnish(["ada"]);
    await post(room, { message: "Once" }, "key-1");
    const other = await post(room, { message: "Twice" }, "key-1");
    expect(other.problem()).toMatchObject({ status: 422, code: "idempotency_conflict" });
  });

  it.each(["reject", "enqueue", "interrupt"])("case 37: makes one turn of twenty at once that %s", async (on_busy) => {
    const room = await bench().furnish(["ada"]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(room, { message: "Once", on_busy }, "key-1")),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(await turnsOf(room)).toMatchObject([{ turn_index: 1, status: "queued" }]);
  });
});

describe("a session with a turn in progress", () => {
  it("case 36: refuses another and names the one", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const sent = { token: room.user.token, body: { message: "Second" } };
    const second = await bench().request("post", `/sessions/${room.session.id}/turns`, sent);
    expect(second.problem()).toMatchObject({ status: 409, code: "turn_in_progress", turn_id: first.id });
    expect(await turnsOf(room)).toHaveLength(1);
  });

  it("case 36: lets one of many begin, and numbers the queued ones in order", async () => {
    const room = await bench().furnish(["ada"]);
    const sent = { token: room.user.token, body: { message: "Go" } };
    const path = `/sessions/${room.session.id}/turns`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => bench().request("post", path, sent)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 7 }, () => 409)]);
    const queued = await Promise.all(Array.from({ length: 5 }, () => room.send("Later", { on_busy: "enqueue" })));
    expect(queued.map((turn) => turn.turn_index).sort()).toEqual([2, 3, 4, 5, 6]);
  });

  it("runs an enqueued turn when the one before has ended, and not sooner", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const second = await room.send("Second", { on_busy: "enqueue" });
    expect(await bench().deliver(second, 0)).toMatchObject({ status: 409, retryAfter: "5" });
    expect(bench().logged.some(({ event }) => event === "step_not_ready")).toBe(true);
    await bench().deliver(first, 0);
    expect(bench().accepted().at(-1)).toMatchObject({ turn: second.id, step: stepOf(second, 0).id });
    await bench().deliver(second, 0);
    expect(await turnsOf(room)).toMatchObject([{ status: "completed" }, { status: "completed" }]);
  });

  it("is handed to an interrupting turn, the one before cancelled", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const second = await room.send("Second", { on_busy: "interrupt" });
    expect(await bench().deliver(first, 0)).toMatchObject({ status: 200 });
    await bench().deliver(second, 0);
    expect(await turnsOf(room)).toMatchObject([
      { id: second.id, status: "completed" },
      { id: first.id, status: "cancelled" },
    ]);
  });
});

describe("cancelling", () => {
  const cancel = ({ user }: Furnished, { id }: Turn) =>
    bench().request("post", `/turns/${id}/cancel`, { token: user.token });

  it("answers the same however often it is asked", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("First");
    const first = await cancel(room, turn);
    const again = await cancel(room, turn);
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    expect(first.json(Turn)).toMatchObject({ status: "cancelled", steps: [{ status: "cancelled" }] });
  });

  it("comes too late for a turn that is over", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("First");
    await bench().deliver(turn, 0);
    expect((await cancel(room, turn)).problem()).toMatchObject({ status: 409, code: "conflict" });
  });

  it("takes a turn out of the line and leaves the others in it", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const [second, third] = [
      await room.send("Second", { on_busy: "enqueue" }),
      await room.send("Third", { on_busy: "enqueue" }),
    ];
    expect((await cancel(room, second)).json(Turn)).toMatchObject({ status: "cancelled" });
    expect(await bench().deliver(third, 0)).toMatchObject({ status: 409 });
    await bench().deliver(first, 0);
    await bench().deliver(third, 0);
    expect((await turnsOf(room)).map(({ status }) => status)).toEqual(["completed", "cancelled", "completed"]);
  });

  it("hands the session on to the turn that waited", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const second = await room.send("Second", { on_busy: "enqueue" });
    await cancel(room, first);
    expect(bench().accepted().at(-1)?.turn).toBe(second.id);
    await bench().deliver(second, 0);
    expect(await turnsOf(room)).toMatchObject([{ status: "completed" }, { status: "cancelled" }]);
  });
});
