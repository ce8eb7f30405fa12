import { sql } from "drizzle-orm";
import { bigint, check, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, instant } from "./columns.ts";

/** Immutable once written; the newest one whose time has come is in force, and changes the prices that it names. */
export const pricingVersions = pgTable("pricing_versions", {
  id: text("id").primaryKey(),
  effectiveAt: instant("effective_at").notNull(),
  createdAt: createdAt(),
});

export const modelPrices = pgTable(
  "model_prices",
  {
    pricingVersion: text("pricing_version")
      .notNull()
      .references(() => pricingVersions.id),
    alias: text("alias").notNull(),
    providerModel: text("provider_model").notNull(),
    contextLimit: integer("context_limit").notNull(),
    multiplierMilli: integer("multiplier_milli").notNull(),
    /** US dollars per million tokens, in units of 1e-6 dollar. */
    inputMicroUsdPerMillion: bigint("input_micro_usd_per_million", { mode: "bigint" }).notNull(),
    cachedMicroUsdPerMillion: bigint("cached_micro_usd_per_million", { mode: "bigint" }).notNull(),
    outputMicroUsdPerMillion: bigint("output_micro_usd_per_million", { mode: "bigint" }).notNull(),
  },
  (table) => [
    primaryKey({ name: "model_prices_pkey", columns: [table.pricingVersion, table.alias] }),
    check("model_prices_multiplier_positive", sql`${table.multiplierMilli} > 0`),
    check("model_prices_context_positive", sql`${table.contextLimit} >= 2048`),
  ],
);
