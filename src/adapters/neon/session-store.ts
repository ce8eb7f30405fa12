import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { RoomId, SessionId } from "../../contract/ids.ts";
import type { Session, UpdateSession } from "../../contract/sessions.ts";
import type { SessionStore } from "../../ports/sessions.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { endedHere, toEnded } from "./ended-here.ts";
import { storeResult } from "./idempotency-store.ts";
import { toBudget, toInstant, toPage, toUnits } from "./rows.ts";
import { rooms, sessions } from "./schema/rooms.ts";

type Row = typeof sessions.$inferSelect;

export function createSessionStore(database: Database): SessionStore {
  const { query } = database;
  return {
    async create(caller, session, result) {
      const isOpen = sql`exists (select 1 from sessions s where s.id = ${session.id})`;
      const [inserted] = await database.asCaller(caller, [
        insertInLiveRoom(query, session),
        storeResult(query, result, isOpen),
      ]);
      return inserted.rows.length > 0 ? "created" : "room_missing";
    },
    async list(caller, roomId, { limit, cursor }) {
      const room = query
        .select({ id: rooms.id })
        .from(rooms)
        .where(and(eq(rooms.id, roomId), isNull(rooms.deletedAt)));
      const after = cursor === undefined ? undefined : lt(sessions.id, cursor);
      const select = query
        .select()
        .from(sessions)
        .where(and(eq(sessions.roomId, roomId), isNull(sessions.deletedAt), after))
        .orderBy(desc(sessions.id))
        .limit(limit + 1);
      const [found, rows] = await database.asCaller(caller, [room, select]);
      return found.length === 0 ? null : toPage(rows, limit, toSession, (session) => session.id);
    },
    async find(caller, id) {
      const [rows] = await database.asCaller(caller, [query.select().from(sessions).where(isLive(id))]);
      return rows[0] === undefined ? null : toSession(rows[0]);
    },
    async update(caller, id, change) {
      const [rows] = await database.asCaller(caller, [
        query.update(sessions).set(toChanges(change)).where(isLive(id)).returning(),
      ]);
      return rows[0] === undefined ? null : toSession(rows[0]);
    },
    async remove(caller, roomId, id) {
      const isGone = sql`select s.id from sessions s where s.id = ${id} and s.deleted_at is not null`;
      const [gone, , ended] = await database.asCaller(caller, [
        query
          .update(sessions)
          .set({ deletedAt: sql`pantheon_now()` })
          .where(and(isLive(id), eq(sessions.roomId, roomId)))
          .returning({ id: sessions.id }),
        query.execute(sql`select pantheon_cancel_turns_of(array(${isGone}))`),
        query.execute(endedHere(sql`array(${isGone})`)),
      ]);
      return gone.length > 0 ? toEnded(ended.rows) : null;
    },
  };
}

const isLive = (id: SessionId) => and(eq(sessions.id, id), isNull(sessions.deletedAt));

// Shared lock on the room: it cannot be deleted while a child is put under it.
function insertInLiveRoom(query: Drizzle, session: Session) {
  return query.execute(sql`
    insert into sessions (id, owner_id, room_id, title, budget_units, created_at, updated_at)
    select ${session.id}::uuid, ${currentUser}, room.id, ${session.title}, ${toUnits(session.budget)?.toString() ?? null}::bigint,
      ${session.created_at}::timestamptz, ${session.updated_at}::timestamptz
    from (select id from rooms where id = ${session.room_id} and deleted_at is null for share) as room
    returning id`);
}

function toChanges({ budget, ...plain }: UpdateSession) {
  return budget === undefined ? plain : { ...plain, budgetUnits: toUnits(budget) };
}

function toSession(row: Row): Session {
  return {
    id: SessionId.parse(row.id),
    room_id: RoomId.parse(row.roomId),
    title: row.title,
    budget: toBudget(row.budgetUnits),
    turn_count: row.turnCount,
    created_at: toInstant(row.createdAt),
    updated_at: toInstant(row.updatedAt),
  };
}
