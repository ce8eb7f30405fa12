import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const refused = { details: { code: "42501" } };
const final = { details: { code: "23514", constraint: "model_prices_final" } };

const insertPrice = (version: string, alias: string) => ({
  sql: `insert into model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli, input_micro_usd_per_million,
      cached_micro_usd_per_million, output_micro_usd_per_million) values ($1, $2, 'some/model', 4096, 1000, 1, 1, 1)`,
  params: [version, alias],
});

describe.each(databaseKinds)("prices on $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!isMissing) database = await open();
  });
  afterAll(() => database?.stop());

  const asSystem = (sql: string) => rowsAs(database.backend, "pantheon_system", { sql });
  const everything = () =>
    asSystem("select md5(string_agg(p::text, '|' order by p::text)) from model_prices p, pricing_versions v");

  it
    .skipIf(isMissing)
    .each([
      "update pricing_versions set effective_at = now()",
      "delete from pricing_versions",
      "truncate pricing_versions cascade",
      "update model_prices set multiplier_milli = 1",
      "delete from model_prices",
      "truncate model_prices",
      "alter table model_prices disable trigger prices_are_final",
    ])("are never changed, not even by the system: %s", async (sql) => {
    const before = await everything();
    expect(await errorOf(asSystem(sql))).toMatchObject(refused);
    expect(await everything()).toEqual(before);
  });

  it.skipIf(isMissing)("are added by no user's request but through the admin's function", async () => {
    const insertVersion = "insert into pricing_versions (id, effective_at) values ('mine', now())";
    for (const sql of [insertVersion, insertPrice("2026-02-20", "mine").sql.replaceAll(/\$\d/g, "'x'")])
      expect(await errorOf(rowsAs(database.backend, "pantheon_app", { sql }))).toMatchObject(refused);
  });

  it.skipIf(isMissing)("are added to no version that is there already", async () => {
    const before = await everything();
    expect(await errorOf(rowsAs(database.backend, "pantheon_system", insertPrice("2026-02-20", "late")))).toMatchObject(
      final,
    );
    expect(await everything()).toEqual(before);
  });

  it.skipIf(isMissing)("are added in the transaction of their version, and never again", async () => {
    const role = { sql: "set local role pantheon_system" };
    const version = { sql: "insert into pricing_versions (id, effective_at) values ('fresh', '2999-01-01T00:00:00Z')" };
    await database.backend.runBatch([role, version, insertPrice("fresh", "one"), insertPrice("fresh", "two")]);
    expect(await errorOf(rowsAs(database.backend, "pantheon_system", insertPrice("fresh", "three")))).toMatchObject(
      final,
    );
    const other = { sql: "insert into pricing_versions (id, effective_at) values ('other', '2999-01-01T00:00:00Z')" };
    const mixed = [role, other, insertPrice("other", "one"), insertPrice("fresh", "three")];
    expect(await errorOf(database.backend.runBatch(mixed))).toMatchObject(final);
    expect(
      await asSystem(
        "select pricing_version, alias from model_prices where pricing_version in ('fresh', 'other') order by 2",
      ),
    ).toEqual([
      ["fresh", "one"],
      ["fresh", "two"],
    ]);
  });
});
