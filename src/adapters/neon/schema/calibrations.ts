import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, updatedAt } from "./columns.ts";

/** What a provider makes of our base estimates. No tenant's: readable by all, written by the system alone. */
export const tokenCalibrations = pgTable("token_calibrations", {
  providerModel: text("provider_model").primaryKey(),
  /** Tokens of the model for one of the base estimate, by what the text is. */
  ratios: jsonb("ratios").notNull(),
  /** How sure each ratio is. */
  covariance: jsonb("covariance").notNull(),
  /** The place in the ledger up to which calls are in it; the latest of all is where the next run begins. */
  observedAt: instant("observed_at").notNull(),
  observedId: uuid("observed_id").notNull(),
  updatedAt: updatedAt(),
});
