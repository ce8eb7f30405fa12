import type { RoomId } from "../../contract/ids.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Live } from "../../ports/live.ts";
import type { RoomStore } from "../../ports/rooms.ts";
import type { Updated } from "../../ports/updated.ts";
import { wakeWatchers } from "../turns/wake-watchers.ts";

interface DeleteRoomPorts {
  readonly rooms: Pick<RoomStore, "remove">;
  readonly live: Live;
}

/** The room goes with all that hangs below it; whoever watches one of its turns is told. */
export async function deleteRoom(
  ports: DeleteRoomPorts,
  caller: Caller,
  id: RoomId,
  expectedVersion: number | null,
): Promise<Updated<null>> {
  const removed = await ports.rooms.remove(caller, id, expectedVersion);
  if (removed.kind !== "done") return removed;
  await wakeWatchers(ports, removed.value);
  return { kind: "done", value: null };
}
