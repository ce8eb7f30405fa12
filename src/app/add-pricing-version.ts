import type { CreatePricingVersion, PricingVersion } from "../contract/pricing.ts";
import { priceToUnits, unitsToPrice } from "../domain/money/price.ts";
import type { Caller } from "../ports/caller.ts";
import type { PricingStore } from "../ports/pricing.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, type Reply } from "./reply.ts";

interface AddPricingVersionPorts extends OncePorts {
  readonly pricing: Pick<PricingStore, "add">;
}

export function addPricingVersion(
  ports: AddPricingVersionPorts,
  caller: Caller,
  input: CreatePricingVersion,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const version: PricingVersion = {
      id: input.id,
      effective_at: new Date(input.effective_at).toISOString(),
      created_at: ports.clock.now().toISOString(),
      prices: asListed(input.prices),
    };
    const reply = created(`/api/v1/admin/pricing_versions/${version.id}`, version);
    await ports.pricing.add(caller, version, keep(reply));
    return reply;
  });
}

/** By alias and in the shortest decimals, as every later read has them. */
function asListed(prices: CreatePricingVersion["prices"]): PricingVersion["prices"] {
  const listed = prices.map((price) => unitsToPrice(priceToUnits(price)));
  return listed.sort((a, b) => (a.alias < b.alias ? -1 : 1));
}
