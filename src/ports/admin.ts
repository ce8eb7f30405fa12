import type { AccountTotals, Grant, GrantQuery, PeriodQuery, PlatformUsage, PlatformWaste } from "../contract/admin.ts";
import type { Page } from "../contract/lists.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

/** Across all users: only for callers who are known to be administrators. */
export interface AdminStore {
  /** The grant and its money at once; an unknown user is not found. */
  grant(caller: Caller, grant: Grant, result: StoredResult | null): Promise<void>;
  grants(caller: Caller, query: GrantQuery): Promise<Page<Grant>>;
  usage(caller: Caller, query: PeriodQuery): Promise<Page<PlatformUsage>>;
  waste(caller: Caller, query: PeriodQuery): Promise<Page<PlatformWaste>>;
  accounts(caller: Caller): Promise<AccountTotals>;
}
