import { RoomId } from "../contract/ids.ts";
import type { CreateRoom, Room } from "../contract/rooms.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { RoomStore } from "../ports/rooms.ts";
import { canonicalBudget } from "./canonical-budget.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, etagOf, type Reply } from "./reply.ts";

interface CreateRoomPorts extends OncePorts {
  readonly rooms: Pick<RoomStore, "create">;
  readonly ids: Ids;
}

export function createRoom(
  ports: CreateRoomPorts,
  caller: Caller,
  input: CreateRoom,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const now = ports.clock.now().toISOString();
    const id = RoomId.parse(ports.ids.uuid());
    const budget = canonicalBudget(input.budget);
    const room: Room = { id, ...input, budget, version: 1, created_at: now, updated_at: now };
    const reply = created(`/api/v1/rooms/${room.id}`, room, etagOf(room));
    await ports.rooms.create(caller, room, keep(reply));
    return reply;
  });
}
