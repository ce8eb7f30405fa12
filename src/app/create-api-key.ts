import type { ApiKey, CreateApiKey } from "../contract/api-keys.ts";
import { ApiKeyId } from "../contract/ids.ts";
import { formatApiKey } from "../domain/api-key/format.ts";
import type { ApiKeyStore } from "../ports/api-keys.ts";
import type { Caller } from "../ports/caller.ts";
import type { Digest } from "../ports/digest.ts";
import type { Ids } from "../ports/ids.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, type Reply } from "./reply.ts";

interface CreateApiKeyPorts extends OncePorts {
  readonly apiKeys: Pick<ApiKeyStore, "create">;
  readonly ids: Ids;
  readonly digest: Digest;
}

export function createApiKey(
  ports: CreateApiKeyPorts,
  caller: Caller,
  input: CreateApiKey,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const short = ports.ids.secretHex(8);
    const long = ports.ids.secretHex(24);
    const key: ApiKey = {
      id: ApiKeyId.parse(ports.ids.uuid()),
      name: input.name,
      prefix: `pan_live_${short}`,
      scopes: [...input.scopes],
      expires_at: input.expires_at,
      revoked_at: null,
      created_at: ports.clock.now().toISOString(),
    };
    const location = `/api/v1/api_keys/${key.id}`;
    const shown = created(location, { ...key, secret: formatApiKey({ short, long }) });
    const kept = created(location, { ...key, secret: null });
    await ports.apiKeys.create(
      caller,
      { key, short, secretHash: await ports.digest.sha256Hex(long) },
      keep(shown, kept),
    );
    return shown;
  });
}
