import type { ApiKey } from "../contract/api-keys.ts";
import type { ApiKeyId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

export interface NewApiKey {
  readonly key: ApiKey;
  readonly short: string;
  readonly secretHash: string;
}

export interface ApiKeyStore {
  create(caller: Caller, created: NewApiKey, result: StoredResult | null): Promise<void>;
  list(caller: Caller, query: ListQuery): Promise<Page<ApiKey>>;
  revoke(caller: Caller, id: ApiKeyId): Promise<boolean>;
}
