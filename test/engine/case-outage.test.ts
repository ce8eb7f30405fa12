import { beforeEach, describe, expect, it } from "vitest";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { stepOf } from "./engine-bench.ts";
import { chatRequests, statusesOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

async function read({ user }: Furnished, { id }: Turn): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

function logged(event: string) {
  return bench().logged.filter((line) => line.event === event);
}

describe("without the queue", () => {
  it("case 12: a turn is created all the same, and the sweep sends it", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await bench().setFaults("qstash", { down: true });
    const turn = await room.send("Go");
    expect(turn.status).toBe("queued");
    await bench().releaseQueue();
    await bench().sweep();
    expect(await read(room, turn)).toMatchObject({ status: "queued" });
    await bench().pass(16);
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
  });

  it("case 9, case 13: a step that cannot publish answers 500, and its redelivery publishes", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    await bench().setFaults("qstash", { publish_error: { next: 2, status: 503 } });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 500 });
    await bench().holdQueue();
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(bench().accepted().at(-1)?.step).toBe(stepOf(turn, 1).id);
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 9: the redelivery also publishes what it handed the session on to", async () => {
    const room = await bench().furnish(["ada"]);
    const first = await room.send("First");
    const second = await room.send("Second", { on_busy: "enqueue" });
    await bench().setFaults("qstash", { publish_error: { next: 2, status: 503 } });
    expect(await bench().deliver(first, 0)).toMatchObject({ status: 500 });
    await bench().holdQueue();
    expect(await bench().deliver(first, 0)).toMatchObject({ status: 200 });
    expect(bench().accepted().at(-1)?.step).toBe(stepOf(second, 0).id);
  });

  it("case 13: a turn resumes within one sweep", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    await bench().setFaults("qstash", { down: true });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 500 });
    await bench().releaseQueue();
    await bench().pass(16);
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
    expect(await bench().count("select count(*) from llm_call_events where turn_id = $1", [turn.id])).toBe(2);
  });

  it("case 13: an outbox message that cannot be published waits longer each time", async () => {
    const room = await bench().furnish(["ada"]);
    await bench().setFaults("qstash", { down: true });
    const turn = await room.send("Go");
    // What is left of it by now: a busy machine takes a second or two to look.
    const left = "extract(epoch from next_at - pantheon_now())";
    const pause = () =>
      bench().count(`select (round(${left} / 15) * 15)::int from outbox where turn_id = $1`, [turn.id]);
    const pauses: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      await bench().pass(601);
      await bench().sweep();
      pauses.push(await pause());
    }
    expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
  });
});

describe("without the database", () => {
  it("case 14: at the claim the queue is told to come back, and no model is called", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    for (const faults of [
      { down: true },
      { fail_next: 1, strike: "error" },
      { fail_next: 1, strike: "reset" },
      { fail_next: 1, strike: "compute_gone" },
    ]) {
      await bench().setFaults("neon", faults);
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: "2" });
    }
    await bench().setFaults("neon", {});
    expect(chatRequests(bench())).toHaveLength(0);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
  });

  it("case 14: a claim whose answer is lost waits for its lease, and is then made again", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    await bench().setFaults("neon", { drop_answer: 1 });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503 });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 409 });
    await bench().pass(151);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 2 }] });
  });

  it("case 8: a commit whose answer is lost is found done, and publishes", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    const committing = onModelAnswer(() => bench().setFaults("neon", { drop_answer: 1 }));
    const delivered = await bench().deliver(turn, 0);
    await committing;
    expect(delivered).toMatchObject({ status: 200 });
    const counts = await Promise.all(
      ["llm_call_events", "messages", "turn_context_audit"].map((table) =>
        bench().count(`select count(*) from ${table} where turn_id = $1`, [turn.id]),
      ),
    );
    expect(counts).toEqual([1, 2, 1]);
    expect(bench().accepted().at(-1)?.step).toBe(stepOf(turn, 1).id);
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 15: a commit is tried again with the same token", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const committing = onModelAnswer(() => bench().setFaults("neon", { fail_next: 3 }));
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    await committing;
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 15: a commit that meets a lost compute is tried again, and the model is paid once", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const committing = onModelAnswer(() => bench().setFaults("neon", { fail_next: 1, strike: "compute_gone" }));
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    await committing;
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 15: a commit that cannot be made is logged as paid, and its step is run again", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const committing = onModelAnswer(() => bench().setFaults("neon", { down: true }));
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: "2" });
    await committing;
    expect(logged("paid_call_not_committed").at(-1)?.fields).toMatchObject({ turn_id: turn.id, calls: 1 });
    await bench().setFaults("neon", {});
    await bench().pass(151);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect([over.status, statusesOf(over), over.usage.model_calls]).toEqual(["completed", ["done"], 1]);
    expect(chatRequests(bench())).toHaveLength(2);
  });

  it("case 16: a sweep that breaks off is finished by the next", async () => {
    const room = await bench().furnish(["ada"]);
    await bench().setFaults("qstash", { down: true });
    const turn = await room.send("Go");
    await bench().releaseQueue();
    await bench().pass(16);
    await bench().setFaults("neon", { down: true });
    await expect(bench().sweep()).rejects.toMatchObject({ code: "dependency_unavailable" });
    await bench().setFaults("neon", {});
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
  });

  it("case 16: a sweep whose answer is lost is made good by a later one", async () => {
    const room = await bench().furnish(["ada"]);
    await bench().setFaults("qstash", { down: true });
    const turn = await room.send("Go");
    await bench().releaseQueue();
    await bench().pass(16);
    await bench().setFaults("neon", { drop_answer: 1 });
    await expect(bench().sweep()).rejects.toMatchObject({ code: "dependency_unavailable" });
    await bench().pass(16);
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
  });
});

/** Sets a fault between the claim and the commit: once the model has been asked, the next request is the commit. */
async function onModelAnswer(setFault: () => Promise<void>): Promise<void> {
  const { openRouter } = bench().cloud.standIns;
  openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
  const asked = chatRequests(bench()).length;
  while (chatRequests(bench()).length === asked) await new Promise((resolve) => setTimeout(resolve, 5));
  await setFault();
  openRouter.release();
}
