import { sql } from "drizzle-orm";
import { TurnId } from "../../contract/ids.ts";
import type { ListQuery } from "../../contract/lists.ts";
import { type Transaction, TransactionType } from "../../contract/wallet.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import type { WalletStore } from "../../ports/wallet.ts";
import { currentUser, type Database } from "./database.ts";
import { toInstant, toPage } from "./rows.ts";

type BalanceRow = { readonly kind: string; readonly units: string };

type EntryRow = {
  readonly operation_key: string;
  readonly reason: string;
  readonly units: string;
  readonly turn_id: string | null;
  readonly created_at: string;
  readonly created_micros: string;
};

export function createWalletStore(database: Database): WalletStore {
  const { query } = database;
  return {
    async balances(caller) {
      const select = query.execute<BalanceRow>(sql`
        select kind, balance_units::text as units from accounts
        where owner_id = ${currentUser} and kind in ('wallet', 'held')`);
      const [{ rows }] = await database.asCaller(caller, [select]);
      return { walletUnits: unitsOf(rows, "wallet"), heldUnits: unitsOf(rows, "held") };
    },
    async transactions(caller, list) {
      const [{ rows }] = await database.asCaller(caller, [query.execute<EntryRow>(entryRows(list))]);
      const page = toPage(
        rows,
        list.limit,
        (row) => row,
        (row) => `${row.created_micros}.${row.operation_key}`,
      );
      return { ...page, data: page.data.map(toTransaction) };
    },
  };
}

// The cursor keeps the microseconds that the wire leaves out: entries of one moment may differ in nothing else.
function entryRows({ limit, cursor }: ListQuery) {
  const [micros = "", ...key] = (cursor ?? "").split(".");
  const before =
    cursor === undefined
      ? sql``
      : sql`and (created_at, operation_key) < ('epoch'::timestamptz + ${micros}::bigint * interval '1 microsecond', ${key.join(".")})`;
  return sql`
    select operation_key, reason, amount_units::text as units, turn_id, created_at,
      lpad((extract(epoch from created_at) * 1000000)::bigint::text, 16, '0') as created_micros
    from ledger_entries
    where owner_id = ${currentUser} and account_kind = 'wallet' ${before}
    order by ledger_entries.created_at desc, operation_key desc limit ${limit + 1}`;
}

function unitsOf(rows: readonly BalanceRow[], kind: string): bigint {
  return BigInt(rows.find((row) => row.kind === kind)?.units ?? "0");
}

function toTransaction(row: EntryRow): Transaction {
  return {
    id: row.operation_key,
    type: TransactionType.parse(row.reason),
    amount: formatCredits(BigInt(row.units)),
    turn_id: row.turn_id === null ? null : TurnId.parse(row.turn_id),
    created_at: toInstant(row.created_at),
  };
}
