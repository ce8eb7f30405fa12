export interface LedgerRow {
  readonly key: string;
  readonly kind: string;
  readonly units: bigint;
}

/** Rows that one statement adds to a user's ledger: those of one operation, or of several that happen together. */
export interface Movement {
  readonly owner: string;
  readonly reason: string;
  readonly rows: readonly LedgerRow[];
}

/** `applied`, or the name of the rule that refuses all of it. */
export type Outcome =
  | "applied"
  | "ledger_entries_pkey"
  | "ledger_entries_sum_zero"
  | "ledger_entries_move_something"
  | "ledger_entries_account"
  | "accounts_user_money_never_negative";

export const accountKinds = ["wallet", "held", "revenue", "granted", "waste", "variance"] as const;

export interface LedgerModel {
  apply(movement: Movement): Outcome;
  balance(owner: string, kind: string): bigint;
  /** How many rows the ledger holds. */
  rowCount(): number;
}

/** What the ledger must be, in integers and nothing else. */
export function createLedgerModel(owners: readonly string[]): LedgerModel {
  const balances = new Map(owners.flatMap((owner) => accountKinds.map((kind) => [accountOf(owner, kind), 0n])));
  const rows = new Set<string>();
  const balance = (owner: string, kind: string) => balances.get(accountOf(owner, kind)) ?? 0n;
  const refusal = (movement: Movement): Outcome | null => {
    const { owner } = movement;
    if (movement.rows.some(({ units }) => units === 0n)) return "ledger_entries_move_something";
    if (movement.rows.some(({ key, kind }) => rows.has(rowOf(owner, key, kind)))) return "ledger_entries_pkey";
    if (movement.rows.some(({ kind }) => !balances.has(accountOf(owner, kind)))) return "ledger_entries_account";
    if (keysOf(movement).some((key) => sumOf(movement, (row) => row.key === key) !== 0n))
      return "ledger_entries_sum_zero";
    const isOverdrawn = ["wallet", "held"].some(
      (kind) => balance(owner, kind) + sumOf(movement, (row) => row.kind === kind) < 0n,
    );
    return isOverdrawn ? "accounts_user_money_never_negative" : null;
  };
  return {
    balance,
    rowCount: () => rows.size,
    apply(movement) {
      const refused = refusal(movement);
      if (refused !== null) return refused;
      const { owner } = movement;
      for (const { key, kind, units } of movement.rows) {
        rows.add(rowOf(owner, key, kind));
        balances.set(accountOf(owner, kind), balance(owner, kind) + units);
      }
      return "applied";
    },
  };
}

/** The operations of a movement, by their keys. */
export function keysOf({ rows }: Movement): readonly string[] {
  return [...new Set(rows.map(({ key }) => key))];
}

function sumOf({ rows }: Movement, isWanted: (row: LedgerRow) => boolean): bigint {
  return rows.reduce((sum, row) => sum + (isWanted(row) ? row.units : 0n), 0n);
}

function accountOf(owner: string, kind: string): string {
  return `${owner} ${kind}`;
}

function rowOf(owner: string, key: string, kind: string): string {
  return `${owner} ${key} ${kind}`;
}
