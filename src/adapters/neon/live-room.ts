import { and, eq, isNull } from "drizzle-orm";
import type { RoomId } from "../../contract/ids.ts";
import type { Drizzle } from "./database.ts";
import { rooms } from "./schema/rooms.ts";

export function liveRoom(query: Drizzle, roomId: RoomId) {
  return query
    .select({ id: rooms.id })
    .from(rooms)
    .where(and(eq(rooms.id, roomId), isNull(rooms.deletedAt)));
}

/** One at a time changes who and what belongs to a room, and nobody deletes it meanwhile. */
export function lockLiveRoom(query: Drizzle, roomId: RoomId) {
  return liveRoom(query, roomId).for("no key update");
}
