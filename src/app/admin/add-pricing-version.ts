import type { CreatePricingVersion, PricingVersion } from "../../contract/pricing.ts";
import { priceToUnits, unitsToPrice } from "../../domain/money/price.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { PricingStore } from "../../ports/pricing.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";

interface AddPricingVersionPorts extends IdempotencyPorts {
  readonly pricing: Pick<PricingStore, "add">;
}

export function addPricingVersion(
  ports: AddPricingVersionPorts,
  caller: Caller,
  input: CreatePricingVersion,
  key: IdempotencyKey | null,
): Promise<Made<PricingVersion>> {
  return withIdempotency(ports, caller, { operation: "add_pricing_version", key }, async (toStored) => {
    const version: PricingVersion = {
      id: input.id,
      effective_at: new Date(input.effective_at).toISOString(),
      created_at: ports.clock.now().toISOString(),
      prices: asListed(input.prices),
    };
    await ports.pricing.add(caller, version, toStored(version));
    return made(version);
  });
}

/** By alias and in the shortest decimals, as every later read has them. */
function asListed(prices: CreatePricingVersion["prices"]): PricingVersion["prices"] {
  const listed = prices.map((price) => unitsToPrice(priceToUnits(price)));
  return listed.sort((a, b) => (a.alias < b.alias ? -1 : 1));
}
