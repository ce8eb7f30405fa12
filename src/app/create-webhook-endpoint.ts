import { PantheonError } from "../contract/errors.ts";
import { WebhookEndpointId } from "../contract/ids.ts";
import { type CreateWebhookEndpoint, maxWebhookEndpoints, type WebhookEndpoint } from "../contract/webhooks.ts";
import { formatSecret } from "../domain/webhook/signature.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { WebhookStore } from "../ports/webhooks.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "./check-webhook-url.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, type Reply } from "./reply.ts";

interface CreateWebhookEndpointPorts extends OncePorts, CheckWebhookUrlPorts {
  readonly webhooks: Pick<WebhookStore, "create">;
  readonly ids: Ids;
}

export const webhookSecretBytes = 32;

export function createWebhookEndpoint(
  ports: CreateWebhookEndpointPorts,
  caller: Caller,
  input: CreateWebhookEndpoint,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const url = await checkWebhookUrl(ports, input.url);
    const secret = formatSecret(ports.ids.secretBase64(webhookSecretBytes));
    const id = WebhookEndpointId.parse(ports.ids.uuid());
    const endpoint = toEndpoint(id, { ...input, url }, ports.clock.now());
    const location = `/api/v1/webhook_endpoints/${endpoint.id}`;
    const shown = created(location, { ...endpoint, secret });
    const kept = created(location, { ...endpoint, secret: null });
    const made = { endpoint, secret, maxEndpoints: maxWebhookEndpoints };
    if ((await ports.webhooks.create(caller, made, keep(shown, kept))) === "created") return shown;
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
