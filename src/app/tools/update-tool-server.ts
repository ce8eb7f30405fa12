import type { ToolServer, UpdateToolServer } from "../../contract/tool-servers.ts";
import type { Caller } from "../../ports/caller.ts";
import type { ToolServerAddress, ToolServerStore } from "../../ports/tool-servers.ts";
import { found } from "../not-found.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "../webhooks/check-webhook-url.ts";

interface UpdateToolServerPorts extends CheckWebhookUrlPorts {
  readonly toolServers: Pick<ToolServerStore, "update">;
}

export async function updateToolServer(
  ports: UpdateToolServerPorts,
  caller: Caller,
  address: ToolServerAddress,
  change: UpdateToolServer,
): Promise<ToolServer> {
  if (change.url !== undefined) await checkWebhookUrl(ports, change.url);
  return found(await ports.toolServers.update(caller, address, change));
}
