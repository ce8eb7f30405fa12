import type { WebhookEndpointId } from "../contract/ids.ts";
import type { RotatedWebhookSecret, RotateWebhookSecret } from "../contract/webhooks.ts";
import { formatSecret } from "../domain/webhook/signature.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { WebhookStore } from "../ports/webhooks.ts";
import { webhookSecretBytes } from "./create-webhook-endpoint.ts";
import { notFound } from "./not-found.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { json, type Reply } from "./reply.ts";

interface RotateWebhookSecretPorts extends OncePorts {
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
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const secret = formatSecret(ports.ids.secretBase64(webhookSecretBytes));
    const expiresAt = new Date(ports.clock.now().getTime() + input.overlap_seconds * 1000).toISOString();
    const answer = (told: string | null): Reply => {
      const rotated: RotatedWebhookSecret = { id, secret: told, previous_secret_expires_at: expiresAt };
      return json(201, rotated);
    };
    const shown = answer(secret);
    const rotation = { id, secret, previousExpiresAt: expiresAt };
    if (!(await ports.webhooks.rotate(caller, rotation, keep(shown, answer(null))))) throw notFound();
    return shown;
  });
}
