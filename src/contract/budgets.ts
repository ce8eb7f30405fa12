import * as z from "zod";
import { Credits, SignedCredits } from "./money.ts";

export const ReplaceBudgets = z.strictObject({
  per_day: Credits.nullable(),
  per_month: Credits.nullable(),
});
export type ReplaceBudgets = z.infer<typeof ReplaceBudgets>;

const spending = {
  spent: SignedCredits,
  held: SignedCredits.meta({ description: "Set aside for turns under way; counts against the budget." }),
};

/** Days and months are UTC. */
export const Budgets = z
  .object({
    per_day: Credits.nullable().meta({ description: "Null: no limit." }),
    per_month: Credits.nullable().meta({ description: "Null: no limit." }),
    today: z.object({ day: z.string().meta({ examples: ["2026-11-21"] }), ...spending }),
    this_month: z.object({ month: z.string().meta({ examples: ["2026-11"] }), ...spending }),
  })
  .meta({ id: "Budgets" });
export type Budgets = z.infer<typeof Budgets>;
