import { sql } from "drizzle-orm";
import { bigint, boolean, check, date, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, creditUnits, instant, ownerId, updatedAt } from "./columns.ts";
import { users } from "./identity.ts";
import { turns } from "./turns.ts";

/** What a step may cost at most, set aside before it may run. */
export const holds = pgTable(
  "holds",
  {
    stepId: uuid("step_id").primaryKey(),
    ownerId: ownerId(),
    turnId: uuid("turn_id").notNull(),
    units: creditUnits("units").notNull(),
    chargedUnits: creditUnits("charged_units").notNull().default(sql`0`),
    isOpen: boolean("is_open").notNull().default(true),
    /** The day and month whose budgets it counts against, however late it is settled. */
    heldOn: date("held_on").notNull(),
    createdAt: createdAt(),
    closedAt: instant("closed_at"),
  },
  (table) => [
    index("holds_turn").on(table.turnId),
    index("holds_open").on(table.ownerId).where(sql`is_open`),
    foreignKey({
      name: "holds_turn_owner",
      columns: [table.turnId, table.ownerId],
      foreignColumns: [turns.id, turns.ownerId],
    }),
    check("holds_never_overcharged", sql`${table.chargedUnits} between 0 and ${table.units}`),
  ],
);

/** What is held and spent in each scope that can have a budget; the row's lock makes a cap exact. */
export const budgetCounters = pgTable(
  "budget_counters",
  {
    ownerId: ownerId().references(() => users.id),
    scope: text("scope").notNull(),
    /** An id, or a day or month in UTC. */
    scopeKey: text("scope_key").notNull(),
    heldUnits: creditUnits("held_units").notNull().default(sql`0`),
    spentUnits: creditUnits("spent_units").notNull().default(sql`0`),
  },
  (table) => [
    primaryKey({ name: "budget_counters_pkey", columns: [table.ownerId, table.scope, table.scopeKey] }),
    check("budget_counters_scope_known", sql`${table.scope} in ('day', 'month', 'room', 'session', 'turn')`),
    check("budget_counters_not_negative", sql`${table.heldUnits} >= 0 and ${table.spentUnits} >= 0`),
  ],
);

export const userBudgets = pgTable(
  "user_budgets",
  {
    ownerId: uuid("owner_id")
      .primaryKey()
      .references(() => users.id),
    perDayUnits: creditUnits("per_day_units"),
    perMonthUnits: creditUnits("per_month_units"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [check("user_budgets_not_negative", sql`${table.perDayUnits} >= 0 and ${table.perMonthUnits} >= 0`)],
);

/** Who gave credits to whom, and why; the money itself is in the ledger. */
export const grants = pgTable(
  "grants",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId().references(() => users.id),
    grantedBy: uuid("granted_by").notNull(),
    reason: text("reason").notNull(),
    units: bigint("units", { mode: "bigint" }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index("grants_owner").on(table.ownerId, table.createdAt),
    check("grants_within_bounds", sql`${table.units} between 1 and 10000000000000`),
  ],
);
