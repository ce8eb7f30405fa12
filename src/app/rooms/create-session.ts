import { type RoomId, SessionId } from "../../contract/ids.ts";
import type { CreateSession, Session } from "../../contract/sessions.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { SessionStore } from "../../ports/sessions.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { notFound } from "../not-found.ts";
import { canonicalBudget } from "./canonical-budget.ts";

interface CreateSessionPorts extends IdempotencyPorts {
  readonly sessions: Pick<SessionStore, "create">;
  readonly ids: Ids;
}

interface NewSession {
  readonly roomId: RoomId;
  readonly input: CreateSession;
}

export function createSession(
  ports: CreateSessionPorts,
  caller: Caller,
  { roomId, input }: NewSession,
  key: IdempotencyKey | null,
): Promise<Made<Session>> {
  return withIdempotency(ports, caller, { operation: "create_session", key }, async (toStored) => {
    const now = ports.clock.now().toISOString();
    const id = SessionId.parse(ports.ids.uuid());
    const budget = canonicalBudget(input.budget);
    const session: Session = { id, room_id: roomId, ...input, budget, turn_count: 0, created_at: now, updated_at: now };
    if ((await ports.sessions.create(caller, session, toStored(session))) === "room_missing") throw notFound();
    return made(session);
  });
}
