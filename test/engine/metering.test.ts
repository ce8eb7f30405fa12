import { beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { formatCredits } from "../../src/domain/money/credits.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import { useModel } from "./seed-turns.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const digits = z.string().transform(BigInt);
const Row = z.object({
  agent_key: z.string(),
  attempt: z.number(),
  ordinal: z.number(),
  purpose: z.string(),
  provider: z.string(),
  model_alias: z.string(),
  provider_model: z.string(),
  generation_id: z.string().nullable(),
  fresh: digits,
  cached: digits,
  output: digits,
  oe: digits,
  multiplier_milli: z.number(),
  pricing_version: z.string(),
  units: digits,
  cost: digits.nullable(),
  latency_ms: z.number(),
  status: z.string(),
  http_status: z.number().nullable(),
  is_estimated: z.boolean(),
});

const ledgerOf = (turnId: string) =>
  bench().rows(
    Row,
    `select agent_key, attempt, ordinal, purpose, provider, model_alias, provider_model, generation_id, fresh_tokens::text as fresh,
       cached_tokens::text as cached, output_tokens::text as output, oe_hundredths::text as oe, multiplier_milli, pricing_version,
       credit_units::text as units, cost_usd_pico::text as cost, latency_ms, status, http_status, is_estimated
     from llm_call_events where turn_id = $1 order by created_at, step_id, attempt, ordinal`,
    [turnId],
  );

const picoOf = (usd: number) => BigInt(Math.round(usd * 1e12));

it("keeps for every request at the provider one row with the provider's own figures", async () => {
  const room = await bench().furnish(["ada", "bob", "cyd"]);
  await useModel(bench(), room, "bob", "deepseek");
  await useModel(bench(), room, "cyd", "claude-sonnet");
  const { openRouter } = bench().cloud.standIns;
  openRouter.setFaults({
    server_error: { fail_next: 1, system_contains: "You are ada." },
    empty_reply: { fail_next: 1, system_contains: "You are bob." },
  });
  const first = await room.send("A long question ".repeat(200));
  await bench().deliver(first, 0);
  await bench().pass(2);
  for (const index of [0, 1, 2]) expect(await bench().deliver(first, index)).toMatchObject({ status: 200 });
  const second = await room.send("And now?");
  for (const index of [0, 1, 2]) expect(await bench().deliver(second, index)).toMatchObject({ status: 200 });

  const rows = [...(await ledgerOf(first.id)), ...(await ledgerOf(second.id))];
  const requests = chatRequests(bench());
  expect(rows).toHaveLength(requests.length);
  expect(rows).toHaveLength(8);
  const answered = requests.flatMap((request) => (request.usage === null ? [] : [request]));
  for (const { generation_id, usage, model } of answered) {
    const row = rows.find((each) => each.generation_id === generation_id);
    const cached = usage?.prompt_tokens_details.cached_tokens ?? 0;
    expect(row).toMatchObject({
      provider_model: model,
      fresh: BigInt((usage?.prompt_tokens ?? 0) - cached),
      cached: BigInt(cached),
      output: BigInt(usage?.completion_tokens ?? -1),
      cost: picoOf(usage?.cost ?? 0),
      is_estimated: false,
      http_status: 200,
      provider: "openrouter",
      purpose: "agent",
      pricing_version: "2026-02-20",
    });
  }
  const failed = rows.filter(({ http_status }) => http_status === 502);
  expect(failed).toMatchObject([{ agent_key: "ada", attempt: 1, status: "failed", units: 0n, generation_id: null }]);
  expect(rows.filter(({ agent_key }) => agent_key === "bob").map(({ attempt, ordinal }) => [attempt, ordinal])).toEqual(
    [
      [1, 0],
      [1, 1],
      [1, 0],
    ],
  );
  expect(rows.some(({ cached }) => cached > 0n)).toBe(true);
});

it("charges opportunity-equivalents and credits to the last digit, in the rows and on the wire", async () => {
  const room = await bench().furnish(["ada", "bob"]);
  await useModel(bench(), room, "bob", "claude-sonnet");
  const { openRouter } = bench().cloud.standIns;
  const usage = (prompt: number, cached: number, output: number, cost: number) => ({
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: cached },
    cost,
  });
  openRouter.setScript([
    { text: "One.", system_contains: "You are ada.", usage: usage(150, 50, 10, 0.000031) },
    { text: "Two.", system_contains: "You are bob.", usage: usage(1001, 0, 7, 0.0031) },
  ]);
  const created = await room.send("Go");
  await bench().deliver(created, 0);
  await bench().deliver(created, 1);
  const rows = await ledgerOf(created.id);
  // 100 fresh, 50 cached and 10 output are 50.0 OE; 1001 fresh and 7 output are 357.35, at 1.5.
  expect(rows.map(({ oe, units }) => [oe, units])).toEqual([
    [5000n, 5_000_000n],
    [35_735n, 53_602_500n],
  ]);
  const turn = await room.finish(created);
  expect(turn.usage).toEqual({
    model_calls: 2,
    fresh_tokens: 1101,
    cached_tokens: 50,
    output_tokens: 17,
    credits: "0.0586025",
    cost_usd: "0.003131",
    is_estimated: false,
  });
  expect(turn.usage.credits).toBe(formatCredits(rows.reduce((sum, { units }) => sum + units, 0n)));
  expect(turn.steps.map((step) => step.usage.credits)).toEqual(["0.005", "0.0536025"]);
});

it("says when it had to estimate", async () => {
  const room = await bench().furnish(["ada"]);
  bench().cloud.standIns.openRouter.setFaults({ usage_missing: {} });
  const created = await room.send("Go");
  await bench().deliver(created, 0);
  const turn = await room.finish(created);
  expect(turn.usage).toMatchObject({ is_estimated: true, cost_usd: null });
  expect(turn.usage.fresh_tokens).toBeGreaterThan(0);
  expect(turn.usage.output_tokens).toBeGreaterThan(0);
});
