import type { LedgerRow, Movement } from "./ledger-model.ts";
import { rowsOf, type Scene, unitsUpTo } from "./scene.ts";

/** What the ledger has to refuse, by a name that was not used before. */
export function drawFlawed({ random, model, owners, fresh }: Scene): Movement {
  const owner = random.pick(owners);
  const units = unitsUpTo(random, 1_000_000_000n);
  const above = (kind: string) => model.balance(owner, kind) + units;
  const key = `flawed:${fresh()}`;
  const rows = random.pick<readonly LedgerRow[]>([
    rowsOf(key, { wallet: -above("wallet"), held: above("wallet") }),
    rowsOf(key, { held: -above("held"), wallet: above("held") }),
    rowsOf(key, { held: -above("held"), revenue: above("held") }),
    rowsOf(key, { wallet: -above("wallet"), granted: above("wallet") }),
    rowsOf(key, { wallet: units }),
    rowsOf(key, { granted: -units, wallet: units + 1n }),
    rowsOf(key, { revenue: units, waste: -units, variance: 1n }),
    rowsOf(key, { granted: -units, bonus: units }),
    [...rowsOf(key, { granted: -units, wallet: units }), { key, kind: "held", units: 0n }],
    // Two wrongs that would cancel each other out: each operation must sum to zero by itself.
    [...rowsOf(key, { wallet: units }), ...rowsOf(`${key}:2`, { granted: -units })],
  ]);
  return { owner, reason: "flawed", rows };
}

/** What was made before, once more: as it was, with other amounts, or together with something new. */
export function drawReplay({ random, past, fresh }: Scene): Movement {
  const again = past[random.between(0, past.length - 1)];
  if (again === undefined) throw new Error("there is nothing to repeat");
  const doubled = again.rows.map((row) => ({ ...row, units: row.units * 2n }));
  const rows = random.pick<readonly LedgerRow[]>([
    again.rows,
    again.rows,
    doubled,
    [...rowsOf(`grant:${fresh()}`, { granted: -5n, wallet: 5n }), ...again.rows],
  ]);
  return { ...again, rows };
}
