import { PantheonError } from "../contract/errors.ts";
import type { WebhookSender } from "../ports/webhook-sender.ts";

export interface CheckWebhookUrlPorts {
  readonly webhookSender: Pick<WebhookSender, "checkUrl">;
}

/** An address that could not be sent to now is refused before anything is kept of it. */
export async function checkWebhookUrl({ webhookSender }: CheckWebhookUrlPorts, url: string): Promise<void> {
  const verdict = await webhookSender.checkUrl(url);
  if (verdict.kind === "allowed") return;
  throw new PantheonError("validation_failed", "The request is not valid; see errors.", {
    errors: [{ pointer: "/url", message: verdict.reason }],
  });
}
