import { PantheonError } from "../contract/errors.ts";
import { type RoomId, ToolServerId } from "../contract/ids.ts";
import { type CreateToolServer, maxToolServers } from "../contract/tool-servers.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { ToolServerStore } from "../ports/tool-servers.ts";
import { type CheckWebhookUrlPorts, checkWebhookUrl } from "./check-webhook-url.ts";
import { notFound } from "./not-found.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, type Reply } from "./reply.ts";

interface CreateToolServerPorts extends OncePorts, CheckWebhookUrlPorts {
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
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
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
    const reply = created(`/api/v1/rooms/${roomId}/tool_servers/${server.name}`, server);
    const outcome = await ports.toolServers.create(
      caller,
      { server, authorization, maxServers: maxToolServers },
      keep(reply),
    );
    if (outcome === "room_missing") throw notFound();
    if (outcome === "created") return reply;
    throw new PantheonError("conflict", `A room has at most ${maxToolServers} tool servers.`);
  });
}
