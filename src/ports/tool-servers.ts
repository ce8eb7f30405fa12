import type { RoomId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { ToolServer, UpdateToolServer } from "../contract/tool-servers.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

export interface NewToolServer {
  readonly server: ToolServer;
  readonly authorization: string | null;
  readonly maxServers: number;
}

export interface ToolServerAddress {
  readonly roomId: RoomId;
  readonly name: string;
}

/** The tool servers that rooms have, by their names within the room. */
export interface ToolServerStore {
  create(
    caller: Caller,
    created: NewToolServer,
    result: StoredResult | null,
  ): Promise<"created" | "room_missing" | "too_many">;
  /** Null when there is no such room. */
  list(caller: Caller, roomId: RoomId, query: ListQuery): Promise<Page<ToolServer> | null>;
  find(caller: Caller, address: ToolServerAddress): Promise<ToolServer | null>;
  /** What opened the server at its old address is not sent to a new one unless it comes with it. */
  update(caller: Caller, address: ToolServerAddress, change: UpdateToolServer): Promise<ToolServer | null>;
  remove(caller: Caller, address: ToolServerAddress): Promise<boolean>;
}
