import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sweep, sweepBudgetMs } from "../../../src/app/engine/sweep.ts";
import { createFakeQueue } from "../../fakes/queue.ts";
import { openRaceWorld, type RaceSetting, type RaceWorld, raceSuite } from "./race-kit.ts";

const batch = 200;
const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(raceSuite.isMissing)(`the sweep ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  beforeEach(async () => {
    await world.change("update turn_steps set status = 'cancelled', lease_until = null where status = 'running'");
    await world.change("delete from outbox");
  });
  afterAll(() => world.stop());

  /** Messages of one user that are overdue by so many seconds. */
  function overdue(kind: "step" | "delivery", { caller }: RaceSetting, count: number, seconds: number): Promise<void> {
    return world.change(
      `insert into outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
        select $1, gen_random_uuid(), null, $2::uuid, 0, now() - make_interval(secs => $3::int), 0 from generate_series(1, $4::int)`,
      kind,
      caller.userId,
      String(seconds),
      String(count),
    );
  }

  const kindsOf = (outbox: readonly { readonly kind: string }[]) => [
    outbox.filter(({ kind }) => kind === "step").length,
    outbox.filter(({ kind }) => kind === "delivery").length,
  ];

  /** One run of the sweep, on a clock that moves on by so much with each look. */
  async function sweepOnce({ msPerLook = 0, queue = createFakeQueue() } = {}) {
    let looks = 0;
    const now = () => {
      looks += 1;
      return new Date(looks * msPerLook);
    };
    await sweep({ steps: world.ports.steps, queue, log: silentLog, clock: { now } }, sweepBudgetMs);
    return queue.requests.map((messages) => messages.length);
  }

  it("hands out an overdue step before a thousand deliveries that are older", async () => {
    await overdue("delivery", await world.furnish(1), 1000, 600);
    await overdue("step", await world.furnish(1), 1, 5);
    expect(kindsOf(await world.ports.steps.sweep(batch))).toEqual([1, batch - 1]);
  });

  it.each(["step", "delivery"] as const)("takes each user's oldest %s before anybody's second", async (kind) => {
    await overdue(kind, await world.furnish(1), 1000, 600);
    for (let each = 0; each < 3; each += 1) await overdue(kind, await world.furnish(1), 1, 5);
    await world.ports.steps.sweep(batch);
    expect(await world.read("select count(*) from outbox where next_at <= now() - interval '3 seconds'")).toBe(
      1000 + 3 - batch,
    );
    expect(await world.read("select count(distinct owner_id) from outbox where attempts = 1")).toBe(4);
  });

  it("publishes in one run all that is due", async () => {
    await overdue("step", await world.furnish(1), 450, 60);
    expect(await sweepOnce()).toEqual([batch, batch, 50]);
  });

  it("publishes in one run for every step whose holder is gone", async () => {
    const setting = await world.furnish(50);
    for (let each = 0; each < 9; each += 1)
      expect(await setting.send({ on_busy: "enqueue" })).not.toHaveProperty("refused");
    await world.change(
      "update turn_steps set status = 'running', lease_until = now() - interval '1 second' where status = 'ready'",
    );
    await world.change("delete from outbox");
    expect(await sweepOnce()).toEqual([batch, batch, 50]);
  });

  it("leaves the rest to its next run when its time is up, or the queue takes nothing", async () => {
    await overdue("step", await world.furnish(1), 900, 60);
    expect(await sweepOnce({ msPerLook: sweepBudgetMs })).toEqual([batch]);
    const queue = createFakeQueue();
    queue.failNext(1);
    expect(await sweepOnce({ queue })).toEqual([]);
    expect(await sweepOnce()).toEqual([batch, batch, 100]);
  });
});
