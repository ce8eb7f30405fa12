import { RoomId } from "../../contract/ids.ts";
import type { CreateRoom, Room } from "../../contract/rooms.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { RoomStore } from "../../ports/rooms.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { canonicalBudget } from "./canonical-budget.ts";

interface CreateRoomPorts extends IdempotencyPorts {
  readonly rooms: Pick<RoomStore, "create">;
  readonly ids: Ids;
}

export function createRoom(
  ports: CreateRoomPorts,
  caller: Caller,
  input: CreateRoom,
  key: IdempotencyKey | null,
): Promise<Made<Room>> {
  return withIdempotency(ports, caller, { operation: "create_room", key }, async (toStored) => {
    const now = ports.clock.now().toISOString();
    const id = RoomId.parse(ports.ids.uuid());
    const budget = canonicalBudget(input.budget);
    const room: Room = { id, ...input, budget, version: 1, created_at: now, updated_at: now };
    await ports.rooms.create(caller, room, toStored(room));
    return made(room);
  });
}
