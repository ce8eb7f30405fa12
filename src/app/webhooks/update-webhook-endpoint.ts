import type { WebhookEndpointId } from "../../contract/ids.ts";
import type { UpdateWebhookEndpoint, WebhookEndpoint } from "../../contract/webhooks.ts";
import type { Caller } from "../../ports/caller.ts";
import type { WebhookStore } from "../../ports/webhooks.ts";
import { found } from "../not-found.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "./check-webhook-url.ts";

interface UpdateWebhookEndpointPorts extends CheckWebhookUrlPorts {
  readonly webhooks: Pick<WebhookStore, "update">;
}

interface WebhookEndpointChange {
  readonly id: WebhookEndpointId;
  readonly change: UpdateWebhookEndpoint;
}

export async function updateWebhookEndpoint(
  ports: UpdateWebhookEndpointPorts,
  caller: Caller,
  { id, change }: WebhookEndpointChange,
): Promise<WebhookEndpoint> {
  const url = change.url === undefined ? {} : { url: await checkWebhookUrl(ports, change.url) };
  return found(await ports.webhooks.update(caller, id, { ...change, ...url }));
}
