import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { claimRequest, doneCommit, goOn, openRaceWorld, type RaceWorld, raceSuite } from "./race-kit.ts";

const atOnce = 50;
const Ids = z.array(z.string());

describe.skipIf(raceSuite.isMissing)(`steps at once ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  afterAll(() => world.stop());

  const stepsOf = async (turn: string, round: number) =>
    Ids.parse(
      await world.read(
        `select coalesce(jsonb_agg(id order by step_index), '[]') from turn_steps where turn_id = '${turn}' and round = ${round}`,
      ),
    );

  it("give one winner to fifty claims, thirty times", async () => {
    const setting = await world.furnish(1);
    for (let round = 0; round < 30; round += 1) {
      const turn = await setting.send();
      if ("refused" in turn) throw new Error(`round ${round} was refused: ${turn.refused}`);
      const [step = ""] = await stepsOf(turn.id, 1);
      const claims = await Promise.all(
        Array.from({ length: atOnce }, () => world.ports.steps.claim(claimRequest(turn.id, step))),
      );
      const won = claims.filter(({ kind }) => kind === "won");
      expect([won.length, claims.filter(({ kind }) => kind === "leased").length]).toEqual([1, atOnce - 1]);
      await world.ports.steps.commit(doneCommit(turn.id, step, 1));
    }
  });

  it("plan the join once when fifty siblings end together", async () => {
    const setting = await world.furnish(atOnce);
    const turn = await setting.send({ rounds: 2 });
    if ("refused" in turn) throw new Error(turn.refused);
    const siblings = await stepsOf(turn.id, 1);
    const claims = await Promise.all(siblings.map((step) => world.ports.steps.claim(claimRequest(turn.id, step))));
    const committed = await Promise.all(
      siblings.map((step, place) => world.ports.steps.commit(goOn(doneCommit(turn.id, step, 1), claims[place]))),
    );
    const outbox = committed.flatMap((each) => (each.kind === "committed" ? each.outbox : []));
    const next = await stepsOf(turn.id, 2);
    expect([siblings.length, next.length]).toEqual([atOnce, atOnce]);
    expect(outbox.map(({ target }) => target).sort()).toEqual([...next].sort());
    const ready = `select count(*) from turn_steps where turn_id = '${turn.id}' and status = 'ready' and waiting_on = 0`;
    expect(await world.read(ready)).toBe(atOnce);
  });

  it("close the turn once when fifty siblings end together, with a log that has no gap", async () => {
    const setting = await world.furnish(atOnce);
    const turn = await setting.send();
    if ("refused" in turn) throw new Error(turn.refused);
    const siblings = await stepsOf(turn.id, 1);
    await Promise.all(siblings.map((step) => world.ports.steps.claim(claimRequest(turn.id, step))));
    await Promise.all(siblings.map((step) => world.ports.steps.commit(doneCommit(turn.id, step, 1))));
    const log = `select jsonb_build_object('status', t.status, 'last_seq', t.last_seq, 'events', count(e), 'ends',
      count(e) filter (where e.type = 'turn.completed'), 'top', max(e.seq))
      from turns t join turn_events e on e.turn_id = t.id where t.id = '${turn.id}' group by t.id`;
    // Made, started, fifty steps begun, fifty ended, and the end.
    const events = 2 + 2 * atOnce + 1;
    expect(await world.read(log)).toEqual({ status: "completed", last_seq: events, events, ends: 1, top: events });
  });

  it("end a step once when one commit is sent fifty times", async () => {
    const setting = await world.furnish(1);
    const turn = await setting.send();
    if ("refused" in turn) throw new Error(turn.refused);
    const [step = ""] = await stepsOf(turn.id, 1);
    await world.ports.steps.claim(claimRequest(turn.id, step));
    const commit = doneCommit(turn.id, step, 1);
    const answers = await Promise.all(Array.from({ length: atOnce }, () => world.ports.steps.commit(commit)));
    expect(answers.filter(({ kind }) => kind === "committed")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "already")).toHaveLength(atOnce - 1);
    expect(await world.read(`select count(*) from messages where turn_id = '${turn.id}'`)).toBe(2);
  });
});
