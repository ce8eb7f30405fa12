import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimRequest, doneCommit, openRaceWorld, type RaceSetting, type RaceWorld, raceSuite } from "./race-kit.ts";

const atOnce = 50;

describe.skipIf(raceSuite.isMissing)(`turns at once ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  afterAll(() => world.stop());

  const sendAtOnce = ({ send }: RaceSetting, on_busy: string) =>
    Promise.all(Array.from({ length: atOnce }, () => send({ on_busy })));

  it("admit exactly one of fifty that would rather be refused", async () => {
    const setting = await world.furnish(1);
    const sent = await sendAtOnce(setting, "reject");
    const refused = sent.filter((each) => "refused" in each && each.refused === "turn_in_progress");
    expect([sent.length - refused.length, refused.length]).toEqual([1, atOnce - 1]);
    expect(await countOf(setting, "true")).toBe(1);
  });

  it("number fifty that would rather wait from 1 to 50, with one that holds the session", async () => {
    const setting = await world.furnish(1);
    const sent = await sendAtOnce(setting, "enqueue");
    const indexes = sent.map((each) => ("refused" in each ? 0 : each.turn_index)).sort((a, b) => a - b);
    expect(indexes).toEqual(Array.from({ length: atOnce }, (_, place) => place + 1));
    expect(await countOf(setting, "is_active")).toBe(1);
    expect(await countOf(setting, "status = 'queued'")).toBe(atOnce);
  });

  it("leave exactly one of fifty that interrupt each other", async () => {
    const setting = await world.furnish(1);
    const sent = await sendAtOnce(setting, "interrupt");
    expect(sent.filter((each) => "refused" in each)).toEqual([]);
    expect(await countOf(setting, "status = 'cancelled'")).toBe(atOnce - 1);
    expect(await countOf(setting, "is_active and status = 'queued'")).toBe(1);
    const ends = "(select count(*) from turn_events e where e.turn_id = turns.id and e.type = 'turn.cancelled')";
    expect(await countOf(setting, `status = 'cancelled' and ${ends} <> 1`)).toBe(0);
  });

  it("end one way when they are cancelled while they finish, sixty times", async () => {
    const setting = await world.furnish(1);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 60; round += 1) {
      const turn = await setting.send();
      if ("refused" in turn) throw new Error(turn.refused);
      const step = String(await world.read(`select id from turn_steps where turn_id = '${turn.id}'`));
      await world.ports.steps.claim(claimRequest(turn.id, step));
      const [committed, cancelled] = await Promise.all([
        world.ports.steps.commit(doneCommit(turn.id, step, 1)),
        world.ports.turns.cancel(setting.caller, turn.id),
      ]);
      const pair = `${committed.kind} and ${cancelled.kind}`;
      outcomes.set(pair, (outcomes.get(pair) ?? 0) + 1);
      const status = committed.kind === "committed" ? "completed" : "cancelled";
      const end = `select jsonb_build_object('status', t.status, 'ends', jsonb_agg(e.type order by e.seq), 'said',
        (select count(*) from messages m where m.turn_id = t.id))
        from turns t join turn_events e on e.turn_id = t.id and e.type in ('turn.completed', 'turn.cancelled')
        where t.id = '${turn.id}' group by t.id`;
      const said = status === "completed" ? 2 : 1;
      expect(await world.read(end)).toEqual({ status, ends: [`turn.${status}`], said });
    }
    const pairs = [...outcomes.keys()].filter(
      (pair) => !["committed and over", "cancelled and cancelled"].includes(pair),
    );
    expect(pairs).toEqual([]);
  });

  const countOf = ({ sessionId }: RaceSetting, condition: string) =>
    world.read(`select count(*) from turns where session_id = '${sessionId}' and ${condition}`);
});

describe.skipIf(raceSuite.isMissing)(`the rate of turns ${raceSuite.title}`, () => {
  it("admits exactly ten of fifty at once, in sessions of their own or in one", async () => {
    const world = await openRaceWorld({ TURN_RATE_PER_MINUTE: "10", TURN_RATE_PER_HOUR: "60" });
    try {
      const setting = await world.furnish(1);
      const sent = await Promise.all(Array.from({ length: atOnce }, () => setting.send({ on_busy: "enqueue" })));
      const limited = sent.filter((each) => "refused" in each && each.refused === "rate_limited");
      expect([sent.length - limited.length, limited.length]).toEqual([10, atOnce - 10]);
    } finally {
      await world.stop();
    }
  });
});
