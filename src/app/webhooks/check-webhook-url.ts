import { PantheonError } from "../../contract/errors.ts";
import type { WebhookSender } from "../../ports/webhook-sender.ts";

export interface CheckWebhookUrlPorts {
  readonly webhookSender: Pick<WebhookSender, "checkUrl">;
}

/** An address that could not be sent to now is refused before anything is kept of it. Answers it as it is asked for. */
export async function checkWebhookUrl({ webhookSender }: CheckWebhookUrlPorts, url: string): Promise<string> {
  const verdict = await webhookSender.checkUrl(url);
  if (verdict.kind === "allowed") return new URL(url).href;
  throw new PantheonError("validation_failed", "The request is not valid; see errors.", {
    errors: [{ pointer: "/url", message: verdict.reason }],
  });
}
