import type { WebhookEndpointId } from "../../contract/ids.ts";
import type { RotatedWebhookSecret, RotateWebhookSecret } from "../../contract/webhooks.ts";
import { formatSecret } from "../../domain/webhook/signature.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { WebhookStore } from "../../ports/webhooks.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { notFound } from "../not-found.ts";
import { webhookSecretBytes } from "./create-webhook-endpoint.ts";

interface RotateWebhookSecretPorts extends IdempotencyPorts {
  readonly webhooks: Pick<WebhookStore, "rotate">;
  readonly ids: Ids;
}

interface Rotation {
  readonly id: WebhookEndpointId;
  readonly input: RotateWebhookSecret;
}

/** Only the last secret overlaps: a second rotation ends the one before it at once. */
export function rotateWebhookSecret(
  ports: RotateWebhookSecretPorts,
  caller: Caller,
  { id, input }: Rotation,
  key: IdempotencyKey | null,
): Promise<Made<RotatedWebhookSecret>> {
  return withIdempotency(ports, caller, { operation: "rotate_webhook_secret", key }, async (toStored) => {
    const secret = formatSecret(ports.ids.secretBase64(webhookSecretBytes));
    const expiresAt = new Date(ports.clock.now().getTime() + input.overlap_seconds * 1000).toISOString();
    const rotated: RotatedWebhookSecret = { id, secret, previous_secret_expires_at: expiresAt };
    const rotation = { id, secret, previousExpiresAt: expiresAt };
    if (!(await ports.webhooks.rotate(caller, rotation, toStored({ ...rotated, secret: null })))) throw notFound();
    return made(rotated);
  });
}
