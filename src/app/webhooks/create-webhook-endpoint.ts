import { PantheonError } from "../../contract/errors.ts";
import { WebhookEndpointId } from "../../contract/ids.ts";
import {
  type CreatedWebhookEndpoint,
  type CreateWebhookEndpoint,
  maxWebhookEndpoints,
  type WebhookEndpoint,
} from "../../contract/webhooks.ts";
import { formatSecret } from "../../domain/webhook/signature.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { WebhookStore } from "../../ports/webhooks.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "./check-webhook-url.ts";

interface CreateWebhookEndpointPorts extends IdempotencyPorts, CheckWebhookUrlPorts {
  readonly webhooks: Pick<WebhookStore, "create">;
  readonly ids: Ids;
}

export const webhookSecretBytes = 32;

export function createWebhookEndpoint(
  ports: CreateWebhookEndpointPorts,
  caller: Caller,
  input: CreateWebhookEndpoint,
  key: IdempotencyKey | null,
): Promise<Made<CreatedWebhookEndpoint>> {
  return withIdempotency(ports, caller, { operation: "create_webhook_endpoint", key }, async (toStored) => {
    const url = await checkWebhookUrl(ports, input.url);
    const secret = formatSecret(ports.ids.secretBase64(webhookSecretBytes));
    const id = WebhookEndpointId.parse(ports.ids.uuid());
    const endpoint = toEndpoint(id, { ...input, url }, ports.clock.now());
    const wanted = { endpoint, secret, maxEndpoints: maxWebhookEndpoints };
    const outcome = await ports.webhooks.create(caller, wanted, toStored({ ...endpoint, secret: null }));
    if (outcome === "created") return made({ ...endpoint, secret });
    throw new PantheonError("conflict", `A user has at most ${maxWebhookEndpoints} webhook endpoints.`);
  });
}

function toEndpoint(id: WebhookEndpointId, input: CreateWebhookEndpoint, now: Date): WebhookEndpoint {
  return {
    id,
    ...input,
    status: "active",
    disabled_reason: null,
    failing_since: null,
    previous_secret_expires_at: null,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
  };
}
