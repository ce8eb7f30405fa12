import type { Budgets, ReplaceBudgets } from "../contract/budgets.ts";
import type { Caller } from "./caller.ts";

/** Of a user: per day and per month. Those of rooms, sessions and turns are fields of theirs. */
export interface BudgetStore {
  read(caller: Caller): Promise<Budgets>;
  replace(caller: Caller, budgets: ReplaceBudgets): Promise<Budgets>;
}
