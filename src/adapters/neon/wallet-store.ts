import { sql } from "drizzle-orm";
import { TurnId } from "../../contract/ids.ts";
import type { ListQuery } from "../../contract/lists.ts";
import { type Transaction, TransactionType } from "../../contract/wallet.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import type { WalletStore } from "../../ports/wallet.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { list, nullable, type Of, object, text } from "./answers/shape.ts";
import { currentUser, type Database } from "./database.ts";
import { toInstant, toPage } from "./rows.ts";

const balanceRow = object({ kind: text, units: text });
type BalanceRow = Of<typeof balanceRow>;
const balanceAnswer: Answer<readonly BalanceRow[]> = { from: "the balances", shape: list(balanceRow) };

const entryRow = object({
  operation_key: text,
  reason: text,
  units: text,
  turn_id: nullable(text),
  created_at: text,
  created_micros: text,
});
type EntryRow = Of<typeof entryRow>;
const entryAnswer: Answer<readonly EntryRow[]> = { from: "the ledger", shape: list(entryRow) };

export function createWalletStore(database: Database): WalletStore {
  const { query } = database;
  return {
    async balances(caller) {
      const select = query.execute(sql`
        select kind, balance_units::text as units from accounts
        where owner_id = ${currentUser} and kind in ('wallet', 'held')`);
      const [{ rows }] = await database.asCaller(caller, [select]);
      const balances = parseAnswer(balanceAnswer, rows);
      return { walletUnits: unitsOf(balances, "wallet"), heldUnits: unitsOf(balances, "held") };
    },
    async transactions(caller, list) {
      const [{ rows }] = await database.asCaller(caller, [query.execute(entryRows(list))]);
      const page = toPage(
        parseAnswer(entryAnswer, rows),
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
