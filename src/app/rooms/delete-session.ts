import type { RoomId, SessionId } from "../../contract/ids.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Live } from "../../ports/live.ts";
import type { SessionStore } from "../../ports/sessions.ts";
import { found } from "../not-found.ts";
import { wakeWatchers } from "../turns/wake-watchers.ts";

interface DeleteSessionPorts {
  readonly sessions: Pick<SessionStore, "remove">;
  readonly live: Live;
}

/** Whoever watches one of its turns is told that the turn has ended. */
export async function deleteSession(
  ports: DeleteSessionPorts,
  caller: Caller,
  roomId: RoomId,
  id: SessionId,
): Promise<void> {
  await wakeWatchers(ports, found(await ports.sessions.remove(caller, roomId, id)));
}
