import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCalibrationStore } from "../../src/adapters/neon/calibration-store.ts";
import { createDatabase } from "../../src/adapters/neon/database.ts";
import { unknownCalibration } from "../../src/domain/tokens/calibrate.ts";
import type { CalibrationChange, CalibrationStore, LedgerPlace } from "../../src/ports/calibrations.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import { loosen, rowsAs, rowsOf } from "../support/tenant-rows.ts";

interface Wanted {
  readonly model?: string;
  readonly secondsAgo?: number;
  readonly status?: string;
  readonly isEstimated?: boolean;
  readonly ordinal?: number;
  readonly audit?: string | null;
}

describe.each(databaseKinds)("the calibration store on $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  let store: CalibrationStore;
  beforeAll(async () => {
    if (isMissing) return;
    database = await open();
    await loosen(database.backend);
    const { connectionString, fetchEndpoint } = database;
    store = createCalibrationStore(
      createDatabase({ connectionString, fetchEndpoint, signupGrantUnits: 0n, timeoutMs: 10_000 }),
    );
  });
  afterAll(() => database?.stop());
  beforeEach(async () => {
    if (isMissing) return;
    await rowsOf(database.backend, "truncate token_calibrations");
    for (const table of ["llm_call_events", "turn_steps", "turn_context_audit"]) await asSystem(`delete from ${table}`);
  });

  const asSystem = (sql: string, params: readonly string[] = []) =>
    rowsAs(database.backend, "pantheon_system", { sql, params });

  /** A step's call with its audit; answers the call's id. */
  async function book({
    model = "m/1",
    secondsAgo = 60,
    status = "ok",
    isEstimated = false,
    ordinal = 0,
    audit,
  }: Wanted) {
    const [id, turn, step, owner] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await asSystem(
      `insert into turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens)
       values ($1, $2, $3, 4, 'agent', 'ada', 1, 'done', 0, '{}', '{}', 0)`,
      [step, owner, turn],
    );
    await asSystem(
      `insert into llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider,
         model_alias, provider_model, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths,
         multiplier_milli, pricing_version, credit_units, status, is_estimated, created_at)
       values ($1, $2, $2, $2, $3, $4, 3, $5::int, 'ada', 'agent', 'openrouter', 'x', $6, 100, 23, 1, 50, 0, 0, 1000, 'v', 0, $7, $8::boolean,
         pantheon_now() - make_interval(secs => $9::int))`,
      [id, owner, turn, step, String(ordinal), model, status, String(isEstimated), String(secondsAgo)],
    );
    const said = audit === undefined ? '{"english": 90, "framing": 8}' : audit;
    await asSystem(
      `insert into turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit)
       values ($1, $2, $3, 4, 'ada', 3, jsonb_strip_nulls(jsonb_build_object('estimatedByClass', $4::jsonb)))`,
      [randomUUID(), owner, turn, said ?? "null"],
    );
    return id;
  }

  const change = (model: string, place: LedgerPlace, before: string | null): CalibrationChange => ({
    provider_model: model,
    ...unknownCalibration,
    observed_at: place.at,
    observed_id: place.id,
    observed_id_before: before,
  });

  it.skipIf(isMissing)("reads what providers counted, oldest first, with what was sent", async () => {
    const later = await book({ secondsAgo: 20 });
    const earlier = await book({ secondsAgo: 40, model: "m/2", audit: null });
    const { calls, calibrations } = await store.read(10);
    expect(calls).toMatchObject([
      { id: earlier, provider_model: "m/2", prompt_tokens: 123, tokens_by_part: null },
      { id: later, provider_model: "m/1", prompt_tokens: 123, tokens_by_part: { english: 90, framing: 8 } },
    ]);
    expect(calibrations).toEqual([]);
  });

  it.skipIf(isMissing).each<[string, Wanted]>([
    ["failed", { status: "failed" }],
    ["was lost", { status: "lost" }],
    ["is estimated", { isEstimated: true }],
    ["asked again for the same step", { ordinal: 1 }],
    ["was booked a moment ago", { secondsAgo: 2 }],
    ["is older than a day", { secondsAgo: 100_000 }],
  ])("passes over a call that %s", async (_, wanted) => {
    await book(wanted);
    expect(await store.read(10)).toEqual({ calls: [], calibrations: [] });
  });

  it.skipIf(isMissing)("goes on where the latest of all models ended, a bounded number at a time", async () => {
    for (const secondsAgo of [90, 80, 70]) await book({ secondsAgo });
    const other = await book({ secondsAgo: 60, model: "m/2" });
    const first = await store.read(2);
    expect(first.calls).toHaveLength(2);
    const end = first.calls[1];
    if (end === undefined) throw new Error("two calls were read");
    expect(await store.write([change("m/1", end, null)])).toBe(1);
    const second = await store.read(10);
    expect(second.calls.map(({ id }) => id)).toEqual([expect.any(String), other]);
    expect(second.calibrations).toMatchObject([{ provider_model: "m/1", ...unknownCalibration, observed_id: end.id }]);
  });

  it.skipIf(isMissing)("tells calls of the same instant apart by their ids", async () => {
    await Promise.all([1, 2, 3].map(() => book({})));
    await asSystem(
      "update llm_call_events set created_at = date_trunc('second', pantheon_now()) - interval '30 seconds'",
    );
    const seen: string[] = [];
    for (let run = 0; run < 3; run++) {
      const { calls, calibrations } = await store.read(1);
      const [call] = calls;
      if (call === undefined) throw new Error("a call was passed over");
      seen.push(call.id);
      expect(await store.write([change("m/1", call, calibrations[0]?.observed_id ?? null)])).toBe(1);
    }
    expect(new Set(seen).size).toBe(3);
    expect((await store.read(10)).calls).toEqual([]);
  });

  it.skipIf(isMissing)("keeps the change of one of two runs at once", async () => {
    await book({});
    const [call] = (await store.read(1)).calls;
    if (call === undefined) throw new Error("a call was booked");
    const kept = await Promise.all([
      store.write([change("m/1", call, null)]),
      store.write([change("m/1", call, null)]),
    ]);
    expect(kept.toSorted()).toEqual([0, 1]);
    const place = { at: call.at, id: randomUUID() };
    const again = await Promise.all([
      store.write([change("m/1", place, call.id)]),
      store.write([change("m/1", place, call.id)]),
    ]);
    expect(again.toSorted()).toEqual([0, 1]);
    expect(await store.write([change("m/1", call, call.id)])).toBe(0);
  });

  it.skipIf(isMissing)("lets users read what is known, and change none of it", async () => {
    await store.write([change("m/9", { at: "2026-11-01T00:00:00Z", id: randomUUID() }, null)]);
    const asUser = (sql: string) => rowsAs(database.backend, "pantheon_app", { sql }, randomUUID());
    expect(await asUser("select provider_model from token_calibrations")).toEqual([["m/9"]]);
    for (const sql of ["update token_calibrations set ratios = '{}'", "delete from token_calibrations"])
      expect(await errorOf(asUser(sql))).toMatchObject({ details: { code: "42501" } });
  });

  it.skipIf(isMissing)("finds its place in the ledger by an index", async () => {
    const [, , plan] = await database.backend.runBatch([
      { sql: "set local role pantheon_system" },
      { sql: "set local enable_seqscan = off" },
      {
        sql: `explain select id from llm_call_events where status = 'ok' and not is_estimated and ordinal = 0
          and (created_at, id) > (now() - interval '1 day', '00000000-0000-0000-0000-000000000000'::uuid)
          order by created_at, id limit 200`,
      },
    ]);
    expect(plan?.rows.flat().join("\n")).toContain("llm_call_events_counted");
  });
});
