import type { SqlBackend } from "./backend.ts";

export interface Mismatch {
  readonly owner_id: string | null;
  readonly what: string;
  /** In units of 1e-9 credit, as text: they may be longer than any number. */
  readonly expected: string;
  readonly found: string;
}

export interface Reconciliation {
  readonly accounts: number;
  readonly entries: number;
  readonly holds: number;
  readonly calls: number;
  readonly mismatches: number;
  /** The first of them. */
  readonly shown: readonly Mismatch[];
}

const maxShown = 20;

/** Compares every figure that is kept twice, at one moment; says how much it looked at. */
export async function reconcile(backend: SqlBackend): Promise<Reconciliation> {
  const results = await backend.runBatch(
    [
      { sql: "set local role pantheon_system" },
      {
        sql: `select (select count(*) from accounts), (select count(*) from ledger_entries), (select count(*) from holds),
          (select count(*) from llm_call_events)`,
      },
      { sql: "select owner_id, what, expected, found from pantheon_money_mismatches order by 1, 2" },
    ],
    { isolationLevel: "REPEATABLE READ", readOnly: true },
  );
  const [accounts = 0, entries = 0, holds = 0, calls = 0] = (results[1]?.rows[0] ?? []).map(Number);
  const rows = results[2]?.rows ?? [];
  return { accounts, entries, holds, calls, mismatches: rows.length, shown: rows.slice(0, maxShown).map(toMismatch) };
}

function toMismatch([owner = null, what, expected, found]: readonly (string | null)[]): Mismatch {
  return { owner_id: owner, what: what ?? "", expected: expected ?? "", found: found ?? "" };
}
