import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import { eventually } from "../support/eventually.ts";
import { stepOf } from "./engine-bench.ts";
import { chatRequests, useBench } from "./engine-kit.ts";

const bench = useBench();
const leaseSeconds = 150;

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const Call = z.object({
  attempt: z.number(),
  status: z.string(),
  credit_units: z.number(),
  charged_units: z.number(),
  output_tokens: z.number(),
});

function callsOf(turn: Turn) {
  const sql =
    "select attempt, status, credit_units, charged_units, output_tokens from llm_call_events where turn_id = $1 order by attempt";
  return bench().rows(Call, sql, [turn.id]);
}

async function read(token: string, { id }: Turn): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token })).json(Turn);
}

/** A holder that hangs in its model call, and what lets it go on. */
async function hold(turn: Turn) {
  const { openRouter } = bench().cloud.standIns;
  const before = chatRequests(bench()).length;
  openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
  const delivered = bench().deliver(turn, 0);
  await eventually(() => expect(chatRequests(bench())).toHaveLength(before + 1));
  return {
    letGo: () => {
      openRouter.release();
      return delivered;
    },
  };
}

describe("a holder that is gone", () => {
  it("case 6: loses its step with its lease, and a redelivery takes over", async () => {
    const { user, send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const { letGo } = await hold(turn);
    await bench().pass(leaseSeconds + 1);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(user.token, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 2 }] });
    await letGo();
  });

  it("case 6: is replaced by the sweep when no redelivery comes", async () => {
    const { send, finish } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const { letGo } = await hold(turn);
    await bench().pass(leaseSeconds + 1);
    await bench().releaseQueue();
    await bench().sweep();
    expect(await finish(turn)).toMatchObject({ status: "completed", steps: [{ attempts: 2 }] });
    await letGo();
  });

  it("case 7: has its attempt counted and booked, once, at no charge to the user", async () => {
    const { user, send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const { letGo } = await hold(turn);
    await bench().pass(leaseSeconds + 1);
    await bench().deliver(turn, 0);
    await letGo();
    const [lost, ok] = await callsOf(turn);
    const held = await bench().count("select units from holds where turn_id = $1", [turn.id]);
    expect(lost).toEqual({ attempt: 1, status: "lost", credit_units: held, charged_units: 0, output_tokens: 0 });
    expect(ok).toMatchObject({ attempt: 2, status: "ok", charged_units: ok?.credit_units });
    expect(await callsOf(turn)).toHaveLength(2);
    expect((await read(user.token, turn)).usage.model_calls).toBe(1);
  });

  it("case 11: changes nothing and publishes nothing when it wakes after all", async () => {
    const { user, send } = await bench().furnish(["ada", "bob"]);
    const turn = await send("Go");
    const { letGo } = await hold(turn);
    await bench().pass(leaseSeconds + 1);
    await bench().deliver(turn, 0);
    const before = await read(user.token, turn);
    const published = bench().cloud.standIns.qstash.stats().publish_requests;
    expect(await letGo()).toMatchObject({ status: 200 });
    expect(await read(user.token, turn)).toEqual(before);
    expect(bench().cloud.standIns.qstash.stats().publish_requests).toBe(published);
    expect(bench().logged.at(-1)).toMatchObject({ event: "step_fenced", fields: { token: 1 } });
  });

  it("case 7, case 23: is followed by so many others, then the agent is failed and the turn goes on", async () => {
    const { user, send } = await bench().furnish(["ada", "bob"]);
    const turn = await send("Go");
    const held: Awaited<ReturnType<typeof hold>>[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      held.push(await hold(turn));
      await bench().pass(leaseSeconds + 1);
    }
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(bench().accepted().at(-1)?.step).toBe(stepOf(turn, 1).id);
    await bench().deliver(turn, 1);
    const over = await read(user.token, turn);
    expect(over).toMatchObject({
      status: "partial",
      steps: [{ status: "failed", attempts: 5, error: { type: "attempts_exhausted" } }, { status: "done" }],
    });
    const statuses = (await callsOf(turn)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(["lost", "lost", "lost", "lost", "lost", "ok"]);
    for (const holder of held) await holder.letGo();
    expect(await read(user.token, turn)).toEqual(over);
  });

  it("case 29: the Worker's clock decides no lease", async () => {
    const { user, send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const { letGo } = await hold(turn);
    await bench().pass(60);
    expect(await bench().deliver(turn, 0)).toMatchObject({
      status: 409,
      retryAfter: expect.stringMatching(/^(89|90)$/),
    });
    await letGo();
    expect(await read(user.token, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
  });
});

describe("what nobody holds", () => {
  it("case 43: two sweeps at once publish each outbox message once", async () => {
    const { send } = await bench().furnish(["ada"]);
    await bench().setFaults("qstash", { down: true });
    const turn = await send("Go");
    await bench().holdQueue();
    await bench().pass(16);
    await Promise.all([bench().sweep(), bench().sweep(), bench().sweep()]);
    expect(
      bench()
        .accepted()
        .filter((message) => message.turn === turn.id),
    ).toHaveLength(1);
  });

  it("case 46: no turn is stuck, and the query for it sees one that is", async () => {
    const stuck = () => bench().count("select count(*) from stuck_turns");
    const { send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const before = await stuck();
    expect(before).toBe(0);
    await bench().write("delete from outbox where turn_id = $1", [turn.id]);
    expect(await stuck()).toBe(1);
    await bench().deliver(turn, 0);
    expect(await stuck()).toBe(0);
  });
});
