import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bites } from "./breakages.ts";
import { breakEngine } from "./run/break-engine.ts";
import { addPlayed, noTotals } from "./run/totals.ts";
import { type ChaosDatabase, openChaosDatabase } from "./simulation/chaos-database.ts";
import { playSchedule } from "./simulation/play.ts";
import { fairWeather, type Weather, weatherNames } from "./simulation/weather.ts";

const seed = "in-the-suite";
const patience = 25;
const longestMs = 40 * 60_000;

/** What twenty schedules must have played for the suite to mean anything. */
const kinds = [
  ...(["manual_turns", "roundtable_turns", "orchestrator_turns", "council_turns", "debate_turns"] as const),
  ...(["summary_turns", "evaluations", "rankings", "votes", "summaries", "corrections", "crashes"] as const),
] as const;

let database: ChaosDatabase;

beforeAll(async () => {
  database = await openChaosDatabase();
});

afterAll(() => database.stop());

describe("a schedule of faults", () => {
  it("leaves nothing lost, doubled or stuck, twenty times", async () => {
    const weathers = new Set<string>();
    let totals = noTotals;
    for (let number = 1; number <= 20; number += 1) {
      const played = await playSchedule({ database, seed: `${seed}/${number}` });
      expect(played.violations, `schedule ${number} of seed ${seed}`).toEqual([]);
      weathers.add(played.weather);
      totals = addPlayed(totals, played);
    }
    expect(weathers.size).toBeGreaterThan(weatherNames.length / 2);
    expect(kinds.filter((kind) => (totals[kind] ?? 0) === 0)).toEqual([]);
  });

  it("makes exactly one model call for each step when messages only come twice, late or out of order", async () => {
    const queue = { duplicate: { rate: 1, after_ms: 1_500 }, reorder: { rate: 0.5, window_ms: 3_000 } };
    let duplicates = 0;
    for (let number = 1; number <= 5; number += 1) {
      const weather: Weather = { ...fairWeather, name: "duplicates", queue };
      const { counts } = await playSchedule({ database, seed: `${seed}/duplicates/${number}`, weather });
      expect(counts).toMatchObject({ violations: 0, waste_attempts: 0 });
      // Of a summary there may be more calls than one, and one in vain when another overtakes it.
      if (counts.cancelled_steps === 0)
        expect(counts.model_calls - counts.summary_calls).toBe(counts.steps - counts.summary_steps);
      duplicates += counts.duplicates;
    }
    expect(duplicates).toBeGreaterThan(0);
  });

  it("ends every turn when the queue sends nothing again", async () => {
    const weather: Weather = {
      ...fairWeather,
      name: "storm",
      retries: 0,
      crashRate: 0.05,
      databaseRate: 0.05,
      modelRate: 0.3,
      publishRate: 0.3,
      queue: { drop: { rate: 0.3 }, hang_delivery: { rate: 0.1 }, lose_answer: { rate: 0.2 } },
    };
    let faults = 0;
    for (let number = 1; number <= 5; number += 1) {
      const { violations, counts } = await playSchedule({ database, seed: `${seed}/retries/${number}`, weather });
      expect(violations, `schedule ${number}`).toEqual([]);
      faults += counts.faults;
    }
    expect(faults).toBeGreaterThan(0);
  });

  it("is the same to the last line when its seed is played again", async () => {
    const weather: Weather = {
      ...fairWeather,
      name: "storm",
      crashRate: 0.1,
      stallRate: 0.05,
      databaseRate: 0.1,
      modelRate: 0.4,
      queue: { duplicate: { rate: 0.5 } },
    };
    const first = await playSchedule({ database, seed: `${seed}/again`, weather });
    await database.empty();
    const second = await playSchedule({ database, seed: `${seed}/again`, weather });
    expect(second.trace).toEqual(first.trace);
    expect(second.counts).toEqual(first.counts);
    expect(first.trace.length).toBeGreaterThan(10);
  });
});

describe("an engine that", () => {
  it.each(bites)("$name is caught", async (bite) => {
    await database.empty();
    const repair = await breakEngine(database, bite);
    const weather: Weather = { ...fairWeather, ...bite.weather };
    const found: string[] = [];
    for (let number = 1; number <= patience && !found.some((each) => bite.caughtAs.test(each)); number += 1) {
      const { violations } = await playSchedule({
        database,
        seed: `${seed}/${bite.name}/${number}`,
        weather,
        plot: bite.plot ?? {},
        longestMs,
      });
      found.push(...violations);
    }
    await repair();
    await database.empty();
    expect(found).toContainEqual(expect.stringMatching(bite.caughtAs));
  });
});
