import type { Counts } from "../simulation/counts.ts";
import type { Played } from "../simulation/play.ts";

export type Totals = Partial<Counts> & { readonly schedules: number };

export const noTotals: Totals = { schedules: 0 };

export function addPlayed(totals: Totals, { counts }: Pick<Played, "counts">): Totals {
  const names = Object.keys(counts) as (keyof Counts)[];
  const sums = names.map((name) => [name, (totals[name] ?? 0) + counts[name]] as const);
  return { ...totals, ...Object.fromEntries(sums), schedules: totals.schedules + 1 };
}
