import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { claimRequest, openRaceWorld, type RaceWorld, raceSuite } from "./race-kit.ts";

const Explained = z.tuple([
  z.object({ Plan: z.object({ "Shared Hit Blocks": z.number(), "Shared Read Blocks": z.number() }) }),
]);
const Step = z.object({ turn: z.string(), step: z.string() });

/** Much below the pages of the table as it is filled here, and above what an index's further level costs. */
const morePages = 60;
const rows = 30_000;

describe.skipIf(raceSuite.isMissing)(`an outbox of ${rows} messages ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  afterAll(() => world.stop());

  /** The pages that a statement looks at, those of the functions it calls with them. */
  async function pagesOf(sql: string, params: readonly string[] = []): Promise<number> {
    const results = await world.database.backend.runBatch([
      { sql: "select set_config('role', 'pantheon_system', true)" },
      { sql: `explain (analyze, buffers, format json) ${sql}`, params },
    ]);
    const [{ Plan: plan }] = Explained.parse(JSON.parse(results[1]?.rows[0]?.[0] ?? "null"));
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
  }

  async function readyStep(): Promise<z.output<typeof Step>> {
    const turn = await (await world.furnish(1)).send();
    if ("refused" in turn) throw new Error(turn.refused);
    return Step.parse(
      await world.read(
        "select jsonb_build_object('turn', turn_id, 'step', id) from turn_steps where turn_id = $1",
        turn.id,
      ),
    );
  }

  async function pagesOfClaim(): Promise<number> {
    const { turn, step } = await readyStep();
    return pagesOf("select pantheon_claim_step($1::jsonb)", [JSON.stringify(claimRequest(turn, step))]);
  }

  it("costs a claim, and whoever asks what it has posted, no more pages than an empty one", async () => {
    // The first claim of a connection also reads the catalogue.
    await pagesOfClaim();
    const before = await pagesOfClaim();
    await world.change(
      `insert into outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
        select 'delivery', gen_random_uuid(), null, (select id from users limit 1), 0, now() + interval '1 day', 1
        from generate_series(1, ${rows})`,
    );
    expect(await pagesOf("select pantheon_outbox_of_transaction()")).toBeLessThan(morePages);
    expect(await pagesOfClaim()).toBeLessThan(before + morePages);
    expect(await pagesOf("select count(*) from outbox where target_id::text <> $1", [randomUUID()])).toBeGreaterThan(
      4 * morePages,
    );
  });
});
