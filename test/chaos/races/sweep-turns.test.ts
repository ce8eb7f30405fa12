import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openRaceWorld, type RaceSetting, type RaceWorld, raceSuite } from "./race-kit.ts";

const batch = 200;

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

  const kindsOf = (letters: readonly { readonly kind: string }[]) => [
    letters.filter(({ kind }) => kind === "step").length,
    letters.filter(({ kind }) => kind === "delivery").length,
  ];

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
});
