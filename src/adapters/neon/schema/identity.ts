import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, ownerId, updatedAt } from "./columns.ts";

export const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  email: text("email"),
  /** Until an address of theirs is confirmed. */
  isGrantDue: boolean("is_grant_due").notNull().default(false),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    ownerId: ownerId().references(() => users.id),
    name: text("name").notNull(),
    short: text("short").notNull(),
    secretHash: text("secret_hash").notNull(),
    scopes: text("scopes").array().notNull(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    uniqueIndex("api_keys_short_unique").on(table.short),
    index("api_keys_owner").on(table.ownerId, table.id),
    check("api_keys_scopes_some", sql`cardinality(${table.scopes}) > 0`),
  ],
);

export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    ownerId: ownerId().references(() => users.id),
    key: text("key").notNull(),
    fingerprint: text("fingerprint").notNull(),
    operation: text("operation").notNull(),
    /** As text, which keeps the order of its keys. */
    value: json("value").notNull(),
    /** Of a turn: its own write alone knows it, and a replay has it in the value. */
    turnIndex: integer("turn_index"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "idempotency_keys_pkey", columns: [table.ownerId, table.key] }),
    index("idempotency_keys_expiry").on(table.expiresAt),
  ],
);

export const accounts = pgTable(
  "accounts",
  {
    ownerId: ownerId().references(() => users.id),
    kind: text("kind").notNull(),
    balanceUnits: bigint("balance_units", { mode: "bigint" }).notNull().default(sql`0`),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ name: "accounts_pkey", columns: [table.ownerId, table.kind] }),
    check("accounts_kind_known", sql`${table.kind} in ('wallet', 'held', 'revenue', 'granted', 'waste', 'variance')`),
    check(
      "accounts_user_money_never_negative",
      sql`${table.kind} not in ('wallet', 'held') or ${table.balanceUnits} >= 0`,
    ),
  ],
);

/** One row per account that a money operation moves; the rows of an operation sum to zero. */
export const ledgerEntries = pgTable(
  "ledger_entries",
  {
    operationKey: text("operation_key").notNull(),
    ownerId: ownerId(),
    accountKind: text("account_kind").notNull(),
    reason: text("reason").notNull(),
    amountUnits: bigint("amount_units", { mode: "bigint" }).notNull(),
    /** The turn that it was for, where there is one. */
    turnId: uuid("turn_id"),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ name: "ledger_entries_pkey", columns: [table.operationKey, table.ownerId, table.accountKind] }),
    foreignKey({
      name: "ledger_entries_account",
      columns: [table.ownerId, table.accountKind],
      foreignColumns: [accounts.ownerId, accounts.kind],
    }),
    index("ledger_entries_owner").on(table.ownerId, table.createdAt),
    index("ledger_entries_platform").on(table.createdAt).where(sql`account_kind in ('waste', 'variance')`),
    check("ledger_entries_move_something", sql`${table.amountUnits} <> 0`),
  ],
);
