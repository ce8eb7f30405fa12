import type { RoomId, SessionId, TurnId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { Session, UpdateSession } from "../contract/sessions.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

export interface SessionStore {
  create(caller: Caller, session: Session, result: StoredResult | null): Promise<"created" | "room_missing">;
  list(caller: Caller, roomId: RoomId, query: ListQuery): Promise<Page<Session> | null>;
  find(caller: Caller, id: SessionId): Promise<Session | null>;
  update(caller: Caller, id: SessionId, change: UpdateSession): Promise<Session | null>;
  /** Answers the turns that ended with it, or null when there is no such session. */
  remove(caller: Caller, roomId: RoomId, id: SessionId): Promise<readonly TurnId[] | null>;
}
