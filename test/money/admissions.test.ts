import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRaceWorld, type RaceWorld, raceSuite } from "../chaos/races/race-kit.ts";
import { playAdmissions } from "./admissions.ts";

const rounds = 5;

describe.skipIf(raceSuite.isMissing)(
  `fifty turns at once, of which the wallet covers seven, ${raceSuite.title}`,
  () => {
    let world: RaceWorld;

    beforeAll(async () => {
      world = await openRaceWorld();
    });
    afterAll(() => world.stop());

    it("begin exactly seven of them, and cost no more than there was, though every call uses more than was held", async () => {
      expect(await playAdmissions(world, rounds)).toEqual({
        rounds,
        turns: rounds * 50,
        admitted: rounds * 7,
        most_admitted: 7,
        least_admitted: 7,
        overspent: 0,
        mismatches: 0,
      });
    });
  },
);
