import type { Counts, Played } from "../simulation/play.ts";

export type Totals = Counts & { readonly schedules: number };

export const noTotals: Totals = {
  schedules: 0,
  turns: 0,
  steps: 0,
  cancelled_steps: 0,
  model_calls: 0,
  waste_attempts: 0,
  lost_rows: 0,
  lost_turns: 0,
  doubled_rows: 0,
  stuck_turns: 0,
  money_violations: 0,
  webhooks: 0,
  low_balances: 0,
  webhook_violations: 0,
  pauses: 0,
  charged_steps: 0,
  violations: 0,
  crashes: 0,
  stalls: 0,
  faults: 0,
  deliveries: 0,
  duplicates: 0,
};

export function addPlayed(totals: Totals, { counts }: Pick<Played, "counts">): Totals {
  const names = Object.keys(counts) as (keyof Counts)[];
  const sums = names.map((name) => [name, totals[name] + counts[name]] as const);
  return { ...totals, ...Object.fromEntries(sums), schedules: totals.schedules + 1 };
}
