import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { claimRequest, doneCommit, openRaceWorld, type RaceWorld, raceSuite } from "./race-kit.ts";

const Steps = z.array(z.object({ turn: z.string(), step: z.string() }));
const sweepLimit = 200;

describe.skipIf(raceSuite.isMissing)(`sweeps at once ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  afterAll(() => world.stop());

  const deadlocks = () => world.read("select deadlocks from pg_stat_database where datname = current_database()");
  const letterCount = () => world.read("select count(*) from outbox");

  async function openSteps(count: number) {
    const setting = await world.furnish(count);
    const turn = await setting.send();
    if ("refused" in turn) throw new Error(turn.refused);
    const steps = Steps.parse(
      await world.read(
        `select jsonb_agg(jsonb_build_object('turn', turn_id, 'step', id)) from turn_steps where turn_id = '${turn.id}'`,
      ),
    );
    return { setting, steps };
  }

  it("hand each outbox message out once", async () => {
    const { steps } = await openSteps(50);
    await world.change("update outbox set next_at = now() - interval '1 second'");
    const swept = await Promise.all(Array.from({ length: 10 }, () => world.ports.steps.sweep(sweepLimit)));
    const targets = swept.flat().map(({ target }) => target);
    expect(targets.sort()).toEqual(steps.map(({ step }) => step).sort());
    await world.change("delete from outbox");
  });

  it("write one outbox message for each step whose holder is gone", async () => {
    const { steps } = await openSteps(50);
    await Promise.all(steps.map(({ turn, step }) => world.ports.steps.claim(claimRequest(turn, step))));
    await world.change("update turn_steps set lease_until = now() - interval '1 second' where status = 'running'");
    const swept = await Promise.all(Array.from({ length: 10 }, () => world.ports.steps.sweep(sweepLimit)));
    expect(
      swept
        .flat()
        .map(({ target }) => target)
        .sort(),
    ).toEqual(steps.map(({ step }) => step).sort());
    await world.change("delete from outbox");
  });

  it("leave no outbox message behind for a step that ends under them", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { steps } = await openSteps(20);
      await Promise.all(steps.map(({ turn, step }) => world.ports.steps.claim(claimRequest(turn, step))));
      await world.change("update turn_steps set lease_until = now() - interval '1 second' where status = 'running'");
      await Promise.all([
        ...steps.map(({ turn, step }) => world.ports.steps.commit(doneCommit(turn, step, 1))),
        ...Array.from({ length: 10 }, () => world.ports.steps.sweep(sweepLimit)),
      ]);
    }
    await world.change("update outbox set next_at = now() - interval '1 second'");
    for (const { turn, target } of await world.ports.steps.sweep(sweepLimit))
      await world.ports.steps.claim(claimRequest(turn ?? "", target));
    expect(await letterCount()).toBe(0);
  });

  it("drop the outbox message of a turn that is over when its message arrives", async () => {
    const { setting, steps } = await openSteps(1);
    const [{ turn, step } = { turn: "", step: "" }] = steps;
    await world.ports.sessions.remove(setting.caller, setting.roomId, setting.sessionId);
    await world.change(`insert into outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
      select 'step', id, turn_id, owner_id, 0, now(), 0 from turn_steps where id = '${step}'`);
    await world.ports.steps.claim(claimRequest(turn, step));
    expect(await letterCount()).toBe(0);
  });

  it("and claims, commits, new turns and cancels against the deletion of the room never deadlock and orphan nothing", async () => {
    const before = await deadlocks();
    const failures: unknown[] = [];
    const keep = (error: unknown) => void failures.push(error);
    for (let round = 0; round < 25; round += 1) {
      const { setting, steps } = await openSteps(8);
      const waiting = await setting.send({ on_busy: "enqueue" });
      await Promise.all(steps.slice(4).map(({ turn, step }) => world.ports.steps.claim(claimRequest(turn, step))));
      const acts = [
        () => world.ports.rooms.remove(setting.caller, setting.roomId, null),
        () => world.ports.sessions.remove(setting.caller, setting.roomId, setting.sessionId),
        () => setting.send({ on_busy: "enqueue" }),
        () => setting.send({ on_busy: "interrupt" }),
        () => world.ports.steps.sweep(sweepLimit),
        () => ("refused" in waiting ? null : world.ports.turns.cancel(setting.caller, waiting.id)),
        ...steps.slice(0, 4).map(
          ({ turn, step }) =>
            () =>
              world.ports.steps.claim(claimRequest(turn, step)),
        ),
        ...steps.slice(4).map(
          ({ turn, step }) =>
            () =>
              world.ports.steps.commit(doneCommit(turn, step, 1)),
        ),
      ];
      await Promise.all(acts.map(async (act) => act()?.catch(keep)));
      const orphans = `select count(*) from turns where session_id = '${setting.sessionId}' and not pantheon_is_over(status)`;
      expect(await world.read(orphans)).toBe(0);
      const stuck = `select count(*) from stuck_turns where session_id = '${setting.sessionId}'`;
      expect(await world.read(stuck)).toBe(0);
    }
    // A deadlock would be here as an unavailable database.
    expect(failures).toEqual([]);
    expect(await deadlocks()).toBe(before);
  });
});
