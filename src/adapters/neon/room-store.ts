import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { RoomId } from "../../contract/ids.ts";
import { Mode, type Room, type UpdateRoom } from "../../contract/rooms.ts";
import type { RoomStore } from "../../ports/rooms.ts";
import { currentUser, type Database } from "./database.ts";
import { endedHere, toEnded } from "./ended-here.ts";
import { storeResult } from "./idempotency-store.ts";
import { outcome, toBudget, toInstant, toPage, toUnits } from "./rows.ts";
import { roomAgents, rooms, sessions } from "./schema/rooms.ts";
import { toolServers } from "./schema/tools.ts";

type Row = typeof rooms.$inferSelect;

export function createRoomStore(database: Database): RoomStore {
  const { query } = database;
  return {
    async create(caller, room, result) {
      const insert = query.insert(rooms).values({
        ...toColumns(room),
        id: room.id,
        ownerId: currentUser,
        createdAt: room.created_at,
        updatedAt: room.updated_at,
      });
      await database.asCaller(caller, [insert, storeResult(query, result)]);
    },
    async list(caller, { limit, cursor }) {
      const after = cursor === undefined ? undefined : lt(rooms.id, cursor);
      const select = query
        .select()
        .from(rooms)
        .where(and(isLive, after))
        .orderBy(desc(rooms.id))
        .limit(limit + 1);
      const [rows] = await database.asCaller(caller, [select]);
      return toPage(rows, limit, toRoom, (room) => room.id);
    },
    async find(caller, id) {
      const [rows] = await database.asCaller(caller, [
        query
          .select()
          .from(rooms)
          .where(and(eq(rooms.id, id), isLive)),
      ]);
      return rows[0] === undefined ? null : toRoom(rows[0]);
    },
    update: (...change) => updateRoom(database, ...change),
    remove: (...removal) => removeRoom(database, ...removal),
  };
}

const isLive = isNull(rooms.deletedAt);
const isAsExpected = (version: number | null) => (version === null ? undefined : eq(rooms.version, version));

async function updateRoom(
  { query, asCaller }: Database,
  ...[caller, id, change, version]: Parameters<RoomStore["update"]>
) {
  const isRoom = and(eq(rooms.id, id), isLive);
  const update = query
    .update(rooms)
    .set({ ...toChanges(change), version: sql`${rooms.version} + 1` })
    .where(and(isRoom, isAsExpected(version)))
    .returning();
  const [updated, found] = await asCaller(caller, [update, query.select({ id: rooms.id }).from(rooms).where(isRoom)]);
  return outcome(updated[0] && toRoom(updated[0]), found.length > 0);
}

async function removeRoom({ query, asCaller }: Database, ...[caller, id, version]: Parameters<RoomStore["remove"]>) {
  const isRoom = and(eq(rooms.id, id), isLive);
  const gone = { deletedAt: sql`pantheon_now()` };
  const isRemoved = sql`exists (select 1 from rooms r where r.id = ${id} and r.deleted_at is not null)`;
  const itsSessions = sql`array(select s.id from sessions s where s.room_id = ${id} and ${isRemoved})`;
  const [found, removed, , , , , ended] = await asCaller(caller, [
    query.select({ id: rooms.id }).from(rooms).where(isRoom),
    query
      .update(rooms)
      .set(gone)
      .where(and(isRoom, isAsExpected(version)))
      .returning({ id: rooms.id }),
    query
      .update(roomAgents)
      .set(gone)
      .where(and(eq(roomAgents.roomId, id), isNull(roomAgents.deletedAt), isRemoved)),
    query
      .update(toolServers)
      .set({ ...gone, authorization: null })
      .where(and(eq(toolServers.roomId, id), isNull(toolServers.deletedAt), isRemoved)),
    query
      .update(sessions)
      .set(gone)
      .where(and(eq(sessions.roomId, id), isNull(sessions.deletedAt), isRemoved)),
    query.execute(sql`select pantheon_cancel_turns_of(${itsSessions})`),
    query.execute(endedHere(itsSessions)),
  ]);
  return outcome(removed[0] && toEnded(ended.rows), found.length > 0);
}

function toColumns(room: Pick<Room, "name" | "goal" | "mode" | "manager_model_alias" | "budget">) {
  return {
    name: room.name,
    goal: room.goal,
    mode: room.mode,
    managerModelAlias: room.manager_model_alias,
    budgetUnits: toUnits(room.budget),
  };
}

function toChanges({ budget, manager_model_alias: managerModelAlias, ...plain }: UpdateRoom) {
  return {
    ...plain,
    ...(budget === undefined ? {} : { budgetUnits: toUnits(budget) }),
    ...(managerModelAlias === undefined ? {} : { managerModelAlias }),
  };
}

function toRoom(row: Row): Room {
  return {
    id: RoomId.parse(row.id),
    name: row.name,
    goal: row.goal,
    mode: Mode.parse(row.mode),
    manager_model_alias: row.managerModelAlias,
    budget: toBudget(row.budgetUnits),
    version: row.version,
    created_at: toInstant(row.createdAt),
    updated_at: toInstant(row.updatedAt),
  };
}
