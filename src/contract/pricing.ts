import * as z from "zod";
import { ModelAlias } from "./agents.ts";
import { ListQuery } from "./lists.ts";
import { instant, label, timestamp } from "./text.ts";

const maxPrices = 500;

export const PricingVersionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be 1 to 64 of a-z 0-9 . _ -, such as 2026-02-20")
  .brand<"PricingVersionId">();
export type PricingVersionId = z.infer<typeof PricingVersionId>;

const multiplierPattern = /^(?:0|[1-9]\d{0,3})(?:\.\d{1,3})?$/;
const usdPattern = /^(?:0|[1-9]\d{0,5})(?:\.\d{1,6})?$/;

const Multiplier = z
  .string()
  .regex(multiplierPattern, 'must be a decimal string such as "1.5", at most three decimals')
  .meta({ examples: ["1.5"] });
const Usd = z
  .string()
  .regex(usdPattern, 'must be a decimal string such as "0.15", at most six decimals')
  .meta({ examples: ["0.15"] });

export const ModelPrice = z
  .strictObject({
    alias: ModelAlias,
    provider_model: label(200),
    context_limit: z.int().min(2048).max(10_000_000),
    multiplier: Multiplier.refine((multiplier) => /[1-9]/.test(multiplier), { message: "must be above 0" }),
    input_usd_per_million: Usd,
    cached_usd_per_million: Usd,
    output_usd_per_million: Usd,
  })
  .meta({ id: "ModelPrice" });
export type ModelPrice = z.infer<typeof ModelPrice>;

export const CreatePricingVersion = z.strictObject({
  id: PricingVersionId,
  effective_at: instant.meta({ description: "Not in the past, and after the beginning of the version in force." }),
  prices: z
    .array(ModelPrice)
    .min(1)
    .max(maxPrices)
    .refine((prices) => new Set(prices.map(({ alias }) => alias)).size === prices.length, {
      message: "must not name an alias twice",
    })
    .meta({ description: "An alias that is not named keeps its price." }),
});
export type CreatePricingVersion = z.infer<typeof CreatePricingVersion>;

export const PricingVersionSummary = z
  .object({ id: PricingVersionId, effective_at: timestamp, created_at: timestamp })
  .meta({ id: "PricingVersionSummary" });
export type PricingVersionSummary = z.infer<typeof PricingVersionSummary>;

export const PricingVersion = PricingVersionSummary.extend({
  prices: z
    .array(ModelPrice)
    .meta({ description: "Those that the version names, by alias; every other alias keeps its price." }),
}).meta({ id: "PricingVersion" });
export type PricingVersion = z.infer<typeof PricingVersion>;

/** The moment to the millisecond and the id of the last version seen. */
const cursorPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([a-z0-9][a-z0-9._-]{0,63})$/;

export const PricingVersionQuery = ListQuery.extend({
  cursor: z
    .string()
    .refine((cursor) => instant.safeParse(cursorPattern.exec(cursor)?.[1]).success, {
      message: "must be the next_cursor of a page",
    })
    .optional(),
});
export type PricingVersionQuery = z.infer<typeof PricingVersionQuery>;
