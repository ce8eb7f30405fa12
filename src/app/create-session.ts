import { type RoomId, SessionId } from "../contract/ids.ts";
import type { CreateSession, Session } from "../contract/sessions.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { SessionStore } from "../ports/sessions.ts";
import { canonicalBudget } from "./canonical-budget.ts";
import { notFound } from "./not-found.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { created, type Reply } from "./reply.ts";

interface CreateSessionPorts extends OncePorts {
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
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async (keep) => {
    const now = ports.clock.now().toISOString();
    const id = SessionId.parse(ports.ids.uuid());
    const budget = canonicalBudget(input.budget);
    const session: Session = { id, room_id: roomId, ...input, budget, turn_count: 0, created_at: now, updated_at: now };
    const reply = created(`/api/v1/sessions/${session.id}`, session);
    if ((await ports.sessions.create(caller, session, keep(reply))) === "room_missing") throw notFound();
    return reply;
  });
}
