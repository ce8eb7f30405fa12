import type { Page } from "../contract/lists.ts";
import type { UsageQuery, UsageRow } from "../contract/usage.ts";
import type { Caller } from "./caller.ts";

export interface UsageStore {
  list(caller: Caller, query: UsageQuery): Promise<Page<UsageRow>>;
}
