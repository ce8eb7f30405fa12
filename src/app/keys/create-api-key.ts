import type { ApiKey, CreateApiKey, CreatedApiKey } from "../../contract/api-keys.ts";
import { PantheonError } from "../../contract/errors.ts";
import { ApiKeyId } from "../../contract/ids.ts";
import { formatApiKey } from "../../domain/text/api-key.ts";
import type { ApiKeyStore } from "../../ports/api-keys.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Digest } from "../../ports/digest.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";

interface CreateApiKeyPorts extends IdempotencyPorts {
  readonly apiKeys: Pick<ApiKeyStore, "create">;
  readonly ids: Ids;
  readonly digest: Digest;
}

export function createApiKey(
  ports: CreateApiKeyPorts,
  caller: Caller,
  input: CreateApiKey,
  key: IdempotencyKey | null,
): Promise<Made<CreatedApiKey>> {
  return withIdempotency(ports, caller, { operation: "create_api_key", key }, async (toStored) => {
    const short = ports.ids.secretHex(8);
    const long = ports.ids.secretHex(24);
    const now = ports.clock.now();
    const apiKey: ApiKey = {
      id: ApiKeyId.parse(ports.ids.uuid()),
      name: input.name,
      prefix: `pan_live_${short}`,
      scopes: [...input.scopes],
      expires_at: readEnd(input.expires_at, now),
      revoked_at: null,
      created_at: now.toISOString(),
    };
    const secretHash = await ports.digest.sha256Hex(long);
    await ports.apiKeys.create(caller, { key: apiKey, short, secretHash }, toStored({ ...apiKey, secret: null }));
    return made({ ...apiKey, secret: formatApiKey({ short, long }) });
  });
}

/** In the form in which it is listed ever after; a key that has ended before it is made is a slip. */
function readEnd(expiresAt: string | null, now: Date): string | null {
  if (expiresAt === null) return null;
  const end = new Date(expiresAt);
  if (end > now) return end.toISOString();
  throw new PantheonError("validation_failed", "The request is not valid; see errors.", {
    errors: [{ pointer: "/expires_at", message: "must be in the future" }],
  });
}
