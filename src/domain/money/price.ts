import type { ModelPrice } from "../../contract/pricing.ts";
import { formatDecimal, parseDecimal } from "./decimal.ts";

/** A price in the integers in which it is kept and charged. */
export interface PriceUnits {
  readonly alias: string;
  readonly providerModel: string;
  readonly contextLimit: number;
  readonly multiplierMilli: bigint;
  readonly inputMicroUsdPerMillion: bigint;
  readonly cachedMicroUsdPerMillion: bigint;
  readonly outputMicroUsdPerMillion: bigint;
}

const milliDecimals = 3;
const microDecimals = 6;

export function priceToUnits(price: ModelPrice): PriceUnits {
  return {
    alias: price.alias,
    providerModel: price.provider_model,
    contextLimit: price.context_limit,
    multiplierMilli: parseDecimal(price.multiplier, milliDecimals),
    inputMicroUsdPerMillion: parseDecimal(price.input_usd_per_million, microDecimals),
    cachedMicroUsdPerMillion: parseDecimal(price.cached_usd_per_million, microDecimals),
    outputMicroUsdPerMillion: parseDecimal(price.output_usd_per_million, microDecimals),
  };
}

/** Decimals in their shortest form. */
export function unitsToPrice(units: PriceUnits): ModelPrice {
  return {
    alias: units.alias,
    provider_model: units.providerModel,
    context_limit: units.contextLimit,
    multiplier: formatDecimal(units.multiplierMilli, milliDecimals),
    input_usd_per_million: formatDecimal(units.inputMicroUsdPerMillion, microDecimals),
    cached_usd_per_million: formatDecimal(units.cachedMicroUsdPerMillion, microDecimals),
    output_usd_per_million: formatDecimal(units.outputMicroUsdPerMillion, microDecimals),
  };
}
