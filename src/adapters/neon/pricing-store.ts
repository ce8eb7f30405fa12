import { eq, sql } from "drizzle-orm";
import { type PricingVersion, PricingVersionId, type PricingVersionSummary } from "../../contract/pricing.ts";
import { priceToUnits, unitsToPrice } from "../../domain/money/price.ts";
import type { PricingStore } from "../../ports/pricing.ts";
import type { Database } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { toInstant, toPage } from "./rows.ts";
import { modelPrices, pricingVersions } from "./schema/prices.ts";

type Row = typeof pricingVersions.$inferSelect;

export function createPricingStore(database: Database): PricingStore {
  const { query } = database;
  return {
    async add(caller, version, result) {
      await database.asCaller(caller, [query.execute(addStatement(version)), storeResult(query, result)]);
    },
    async list(caller, { limit, cursor }) {
      const select = query
        .select()
        .from(pricingVersions)
        .where(cursor === undefined ? undefined : isBefore(cursor))
        .orderBy(sql`${moment} desc, ${pricingVersions.id} collate "C" desc`)
        .limit(limit + 1);
      const [rows] = await database.asCaller(caller, [select]);
      return toPage(rows, limit, toSummary, ({ effective_at, id }) => `${effective_at}_${id}`);
    },
    async find(caller, id) {
      const [versions, prices] = await database.asCaller(caller, [
        query.select().from(pricingVersions).where(eq(pricingVersions.id, id)),
        query
          .select()
          .from(modelPrices)
          .where(eq(modelPrices.pricingVersion, id))
          .orderBy(sql`${modelPrices.alias} collate "C"`),
      ]);
      const version = versions[0];
      if (version === undefined) return null;
      const unitPrices = prices.map((price) => ({ ...price, multiplierMilli: BigInt(price.multiplierMilli) }));
      return { ...toSummary(version), prices: unitPrices.map(unitsToPrice) };
    },
  };
}

/** As fine as the wire tells it, so that a cursor names exactly one place. */
const moment = sql`date_trunc('milliseconds', ${pricingVersions.effectiveAt})`;

function isBefore(cursor: string) {
  const at = cursor.indexOf("_");
  return sql`(${moment}, ${pricingVersions.id} collate "C") < (${cursor.slice(0, at)}::timestamptz, ${cursor.slice(at + 1)})`;
}

/** What the database's function takes of each price. */
export interface PriceRow {
  readonly alias: string;
  readonly provider_model: string;
  readonly context_limit: number;
  readonly multiplier_milli: string;
  readonly input_micro_usd_per_million: string;
  readonly cached_micro_usd_per_million: string;
  readonly output_micro_usd_per_million: string;
}

function addStatement({ id, effective_at, created_at, prices }: PricingVersion) {
  const rows = prices.map(priceToUnits).map(
    (price): PriceRow => ({
      alias: price.alias,
      provider_model: price.providerModel,
      context_limit: price.contextLimit,
      multiplier_milli: price.multiplierMilli.toString(),
      input_micro_usd_per_million: price.inputMicroUsdPerMillion.toString(),
      cached_micro_usd_per_million: price.cachedMicroUsdPerMillion.toString(),
      output_micro_usd_per_million: price.outputMicroUsdPerMillion.toString(),
    }),
  );
  return sql`select pantheon_admin_add_pricing_version(${id}, ${effective_at}::timestamptz, ${created_at}::timestamptz,
    ${JSON.stringify(rows)}::jsonb)`;
}

function toSummary({ id, effectiveAt, createdAt }: Row): PricingVersionSummary {
  return {
    id: PricingVersionId.parse(id),
    effective_at: toInstant(effectiveAt),
    created_at: toInstant(createdAt),
  };
}
