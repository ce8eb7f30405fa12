import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { openQuickPglite } from "../chaos/simulation/quick-pglite.ts";
import { createLedgerModel, type Movement, type Outcome } from "./ledger-model.ts";
import { playLedger } from "./play-ledger.ts";
import { rowsOf } from "./scene.ts";

const seed = process.env.MONEY_SEED ?? "1";
const operations = 5_000;

let backend: SqlBackend;
beforeAll(async () => {
  backend = await openQuickPglite();
});
afterAll(() => backend.close());

const moving = (key: string, unitsByKind: Readonly<Record<string, bigint>>): Movement => ({
  owner: "ada",
  reason: "test",
  rows: rowsOf(key, unitsByKind),
});

describe("the model", () => {
  it.each<[Outcome, Movement]>([
    ["applied", moving("hold:1", { wallet: -100n, held: 100n })],
    ["applied", moving("settle:1", { held: -60n, revenue: 90n, waste: -20n, variance: -10n })],
    ["ledger_entries_pkey", moving("grant:1", { granted: -100n, wallet: 100n })],
    ["ledger_entries_pkey", moving("grant:1", { wallet: 7n, revenue: -7n })],
    ["accounts_user_money_never_negative", moving("hold:2", { wallet: -101n, held: 101n })],
    ["accounts_user_money_never_negative", moving("release:2", { held: -61n, wallet: 61n })],
    ["ledger_entries_sum_zero", moving("grant:2", { wallet: 1n })],
    ["ledger_entries_account", moving("grant:2", { granted: -1n, bonus: 1n })],
    ["ledger_entries_move_something", { owner: "ada", reason: "test", rows: [{ key: "x", kind: "held", units: 0n }] }],
  ])("says %s of what the ledger would", (outcome, movement) => {
    const model = createLedgerModel(["ada", "bob"]);
    model.apply(moving("grant:1", { granted: -160n, wallet: 160n }));
    model.apply(moving("hold:0", { wallet: -60n, held: 60n }));
    const before = [model.balance("ada", "wallet"), model.balance("ada", "held"), model.rowCount()];
    expect(model.apply(movement)).toBe(outcome);
    const after = [model.balance("ada", "wallet"), model.balance("ada", "held"), model.rowCount()];
    if (outcome !== "applied") expect(after).toEqual(before);
    expect(model.balance("bob", "wallet")).toBe(0n);
  });
});

describe("random operations on the ledger", () => {
  it("leave every balance as the model has it: replays do nothing, refusals do nothing, nothing is below zero", async () => {
    const tally = await playLedger(backend, seed, operations);
    expect(tally).toMatchObject({ drift: 0, negatives: 0, surprises: 0 });
    expect(tally.operations).toBeGreaterThanOrEqual(operations);
    expect(tally.applied + tally.refused + tally.replayed).toBe(tally.operations);
    expect(tally.applied).toBeGreaterThan(operations / 2);
    expect(tally.refused).toBeGreaterThan(operations / 20);
    expect(tally.replayed).toBeGreaterThan(operations / 20);
  });

  it.each<[string, string, string]>([
    [
      "moves a unit too much",
      "a.balance_units + moved.units",
      "a.balance_units + moved.units + (moved.units > 1000)::int",
    ],
    ["forgets an account", "a.kind = moved.account_kind", "a.kind = moved.account_kind AND a.kind <> 'variance'"],
    ["adds up all operations of a statement together", "GROUP BY operation_key HAVING", "HAVING"],
    ["does not add up at all", "sum(amount_units) <> 0", "false"],
  ])("are found out by a ledger that %s", async (_what, right, wrong) => {
    const found = await backend.run({ sql: "select pg_get_functiondef('pantheon_ledger_apply()'::regprocedure)" });
    const source = found.rows[0]?.[0] ?? "";
    expect(source).toContain(right);
    await backend.run({ sql: source.replace(right, wrong) });
    const tally = await playLedger(backend, seed, 400);
    await backend.run({ sql: source });
    expect(await playLedger(backend, seed, 400)).toMatchObject({ drift: 0, negatives: 0, surprises: 0 });
    expect(tally.drift + tally.surprises).toBeGreaterThan(0);
  });

  it("are found out by accounts that may go below zero", async () => {
    const check = "accounts_user_money_never_negative";
    await backend.run({ sql: `alter table accounts drop constraint ${check}` });
    const tally = await playLedger(backend, seed, 400);
    expect(tally.negatives).toBeGreaterThan(0);
  });
});
