import { sql } from "drizzle-orm";
import type { Budgets } from "../../contract/budgets.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import type { BudgetStore } from "../../ports/budgets.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { list, nullable, type Of, object, text } from "./answers/shape.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { toBudget, toUnits } from "./rows.ts";
import { userBudgets } from "./schema/money.ts";

const budgetRow = object({
  day: text,
  month: text,
  per_day: nullable(text),
  per_month: nullable(text),
  day_spent: text,
  day_held: text,
  month_spent: text,
  month_held: text,
});
type BudgetRow = Of<typeof budgetRow>;
const budgetAnswer: Answer<readonly BudgetRow[]> = { from: "the budgets", shape: list(budgetRow) };

export function createBudgetStore(database: Database): BudgetStore {
  const { query } = database;
  return {
    async read(caller) {
      const [{ rows }] = await database.asCaller(caller, [selectBudgets(query)]);
      return toBudgets(parseAnswer(budgetAnswer, rows)[0]);
    },
    async replace(caller, { per_day, per_month }) {
      const units = { perDayUnits: toUnits(per_day), perMonthUnits: toUnits(per_month) };
      const put = query
        .insert(userBudgets)
        .values({ ownerId: currentUser, ...units })
        .onConflictDoUpdate({ target: userBudgets.ownerId, set: units });
      const [, { rows }] = await database.asCaller(caller, [put, selectBudgets(query)]);
      return toBudgets(parseAnswer(budgetAnswer, rows)[0]);
    },
  };
}

// By the clock of the holds, so that what is shown is what the next turn is measured by.
function selectBudgets(query: Drizzle) {
  return query.execute(sql`
    select now.day, now.month, b.per_day_units::text as per_day, b.per_month_units::text as per_month,
      coalesce(d.spent_units, 0)::text as day_spent, coalesce(d.held_units, 0)::text as day_held,
      coalesce(m.spent_units, 0)::text as month_spent, coalesce(m.held_units, 0)::text as month_held
    from (select to_char(utc, 'YYYY-MM-DD') as day, to_char(utc, 'YYYY-MM') as month, ${currentUser} as user_id
      from (select pantheon_now() at time zone 'UTC' as utc) as clock) as now
    left join user_budgets b on b.owner_id = now.user_id
    left join budget_counters d on d.owner_id = now.user_id and d.scope = 'day' and d.scope_key = now.day
    left join budget_counters m on m.owner_id = now.user_id and m.scope = 'month' and m.scope_key = now.month`);
}

function toBudgets(row: BudgetRow | undefined): Budgets {
  if (row === undefined) throw new Error("a select of one row answered none");
  return {
    per_day: toBudget(toBigInt(row.per_day)),
    per_month: toBudget(toBigInt(row.per_month)),
    today: { day: row.day, spent: formatUnits(row.day_spent), held: formatUnits(row.day_held) },
    this_month: { month: row.month, spent: formatUnits(row.month_spent), held: formatUnits(row.month_held) },
  };
}

function toBigInt(units: string | null): bigint | null {
  return units === null ? null : BigInt(units);
}

function formatUnits(units: string): string {
  return formatCredits(BigInt(units));
}
