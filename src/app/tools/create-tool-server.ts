import { PantheonError } from "../../contract/errors.ts";
import { type RoomId, ToolServerId } from "../../contract/ids.ts";
import { type CreateToolServer, maxToolServers, type ToolServer } from "../../contract/tool-servers.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { ToolServerStore } from "../../ports/tool-servers.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { notFound } from "../not-found.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "../webhooks/check-webhook-url.ts";

interface CreateToolServerPorts extends IdempotencyPorts, CheckWebhookUrlPorts {
  readonly toolServers: Pick<ToolServerStore, "create">;
  readonly ids: Ids;
}

interface WantedToolServer {
  readonly roomId: RoomId;
  readonly input: CreateToolServer;
}

export function createToolServer(
  ports: CreateToolServerPorts,
  caller: Caller,
  { roomId, input }: WantedToolServer,
  key: IdempotencyKey | null,
): Promise<Made<ToolServer>> {
  return withIdempotency(ports, caller, { operation: "create_tool_server", key }, async (toStored) => {
    await checkWebhookUrl(ports, input.url);
    const { authorization, ...shown } = input;
    const now = ports.clock.now().toISOString();
    const server = {
      id: ToolServerId.parse(ports.ids.uuid()),
      room_id: roomId,
      ...shown,
      has_authorization: authorization !== null,
      created_at: now,
      updated_at: now,
    };
    const wanted = { server, authorization, maxServers: maxToolServers };
    const outcome = await ports.toolServers.create(caller, wanted, toStored(server));
    if (outcome === "room_missing") throw notFound();
    if (outcome === "created") return made(server);
    throw new PantheonError("conflict", `A room has at most ${maxToolServers} tool servers.`);
  });
}
