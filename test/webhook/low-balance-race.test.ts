import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { lowBalanceUnits } from "../../src/domain/money/low-balance.ts";
import type { CallRow } from "../../src/ports/steps.ts";
import { claimRequest, doneCommit, openRaceWorld, type RaceWorld, raceSuite } from "../chaos/races/race-kit.ts";

const atOnce = 8;
const Ids = z.array(z.string());
const chargeUnits = 1_000_000n;

describe.skipIf(raceSuite.isMissing)(`charges at once ${raceSuite.title}`, () => {
  let world: RaceWorld;

  beforeAll(async () => {
    world = await openRaceWorld();
  });
  afterAll(() => world.stop());

  it("make one crossing of a low balance one delivery, with what its own charge left, ten times", async () => {
    for (let round = 1; round <= 10; round += 1) {
      const spare = chargeUnits * BigInt(round % atOnce);
      const setting = await world.furnish(atOnce, { walletUnits: lowBalanceUnits + spare });
      const owner = setting.caller.userId;
      await world.change(
        `insert into webhook_endpoints (id, owner_id, url, events, description, secret)
         values ($1, $2, 'https://receiver.example.com/', '{}', '', 'whsec_')`,
        randomUUID(),
        owner,
      );
      const turn = await setting.send();
      if ("refused" in turn) throw new Error(turn.refused);
      const steps = Ids.parse(await world.read(`select jsonb_agg(id) from turn_steps where turn_id = '${turn.id}'`));
      await Promise.all(steps.map((step) => world.ports.steps.claim(claimRequest(turn.id, step))));
      const committed = await Promise.all(
        steps.map((step) => world.ports.steps.commit({ ...doneCommit(turn.id, step, 1), calls: [chargedCall()] })),
      );
      const told = z.array(z.object({ id: z.string(), balance: z.string() })).parse(
        await world.read(
          `select jsonb_agg(jsonb_build_object('id', id, 'balance', data->>'balance')) from webhook_deliveries
           where owner_id = $1 and type = 'wallet.low_balance'`,
          owner,
        ),
      );
      expect(told).toMatchObject([{ balance: "4.999" }]);
      const outbox = committed.flatMap((each) => (each.kind === "committed" ? each.outbox : []));
      expect(outbox.filter(({ target }) => target === told[0]?.id)).toMatchObject([{ kind: "delivery" }]);
    }
  });
});

function chargedCall(): CallRow {
  const zero = "0";
  return {
    id: randomUUID(),
    ordinal: 0,
    provider: "openrouter",
    model_alias: "gpt-4o-mini",
    provider_model: "some/model",
    request_id: null,
    generation_id: null,
    fresh_tokens: zero,
    cached_tokens: zero,
    output_tokens: "10",
    cache_write_tokens: zero,
    reasoning_tokens: zero,
    oe_hundredths: "1000",
    multiplier_milli: 1000,
    credit_units: String(chargeUnits),
    cost_usd_pico: null,
    latency_ms: 1,
    status: "ok",
    http_status: 200,
    finish_reason: "stop",
    is_estimated: false,
    is_charged: true,
  };
}
