import type { Page } from "../contract/lists.ts";
import type {
  PricingVersion,
  PricingVersionId,
  PricingVersionQuery,
  PricingVersionSummary,
} from "../contract/pricing.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

export interface PricingStore {
  /** A taken id is a conflict; a beginning in the past, by the database's clock, is invalid. */
  add(caller: Caller, version: PricingVersion, result: StoredResult | null): Promise<void>;
  /** The one that begins last comes first. */
  list(caller: Caller, query: PricingVersionQuery): Promise<Page<PricingVersionSummary>>;
  find(caller: Caller, id: PricingVersionId): Promise<PricingVersion | null>;
}
