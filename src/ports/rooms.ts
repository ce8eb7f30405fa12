import type { RoomId, TurnId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { Room, UpdateRoom } from "../contract/rooms.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";
import type { Updated } from "./updated.ts";

export interface RoomStore {
  create(caller: Caller, room: Room, result: StoredResult | null): Promise<void>;
  list(caller: Caller, query: ListQuery): Promise<Page<Room>>;
  find(caller: Caller, id: RoomId): Promise<Room | null>;
  update(caller: Caller, id: RoomId, change: UpdateRoom, expectedVersion: number | null): Promise<Updated<Room>>;
  /** Soft, with all that hangs below the room; answers the turns that ended with it. */
  remove(caller: Caller, id: RoomId, expectedVersion: number | null): Promise<Updated<readonly TurnId[]>>;
}
