import * as z from "zod";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import type { Movement } from "./ledger-model.ts";

/** Makes each movement by itself, and answers which rule refused it. Without statistics, plans for so few accounts would scan them. */
const driverText = `
create or replace function pantheon_test_make(p jsonb) returns text[] language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  movement jsonb;
  refused_by text;
  outcomes text[] := '{}';
begin
  for movement in select * from jsonb_array_elements(p) loop
    begin
      insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
      select r->>0, (movement->>'owner')::uuid, r->>1, movement->>'reason', (r->>2)::bigint
      from jsonb_array_elements(movement->'rows') as r;
      outcomes := outcomes || 'applied'::text;
    exception when integrity_constraint_violation then
      get stacked diagnostics refused_by = constraint_name;
      outcomes := outcomes || refused_by;
    end;
  end loop;
  return outcomes;
end $$`;

const asSystem = { sql: "set local role pantheon_system" };

export interface StoredAccount {
  readonly owner: string;
  readonly kind: string;
  readonly balance: bigint;
}

const Outcomes = z.array(z.string());

/** Users with empty accounts, and the driver. */
export async function openLedger(backend: SqlBackend, owners: readonly string[]): Promise<void> {
  await backend.run({ sql: driverText });
  for (const owner of owners) {
    await backend.runBatch([
      { sql: "set local role pantheon_app" },
      { sql: "select pantheon_authenticate_user($1, null, 0)", params: [owner] },
    ]);
  }
}

/** The outcomes, and every balance after them, in one round trip. */
export async function makeMovements(backend: SqlBackend, owners: readonly string[], movements: readonly Movement[]) {
  const wire = movements.map(({ owner, reason, rows }) => ({
    owner,
    reason,
    rows: rows.map(({ key, kind, units }) => [key, kind, units.toString()]),
  }));
  const [, made, accounts] = await backend.runBatch([
    asSystem,
    { sql: "select to_json(pantheon_test_make($1::jsonb))", params: [JSON.stringify(wire)] },
    { sql: "select owner_id, kind, balance_units from accounts where owner_id = any($1)", params: [arrayOf(owners)] },
  ]);
  const outcomes = Outcomes.parse(JSON.parse(made?.rows[0]?.[0] ?? "[]"));
  return { outcomes, accounts: (accounts?.rows ?? []).map(toAccount) };
}

/** What the ledger's rows say, without the balances that are kept beside them. */
export async function sumLedger(backend: SqlBackend, owners: readonly string[]) {
  const [, sums, rows] = await backend.runBatch([
    asSystem,
    {
      sql: `select a.owner_id, a.kind, coalesce(sum(e.amount_units), 0) from accounts a
        left join ledger_entries e on e.owner_id = a.owner_id and e.account_kind = a.kind
        where a.owner_id = any($1) group by 1, 2`,
      params: [arrayOf(owners)],
    },
    { sql: "select count(*) from ledger_entries where owner_id = any($1)", params: [arrayOf(owners)] },
  ]);
  return { accounts: (sums?.rows ?? []).map(toAccount), rowCount: Number(rows?.rows[0]?.[0]) };
}

function arrayOf(owners: readonly string[]): string {
  return `{${owners.join(",")}}`;
}

function toAccount([owner, kind, balance]: readonly (string | null)[]): StoredAccount {
  return { owner: owner ?? "", kind: kind ?? "", balance: BigInt(balance ?? 0) };
}
