import { and, desc, eq, isNull, lt, ne, sql } from "drizzle-orm";
import type { RoomId } from "../../contract/ids.ts";
import { ToolServer, type UpdateToolServer } from "../../contract/tool-servers.ts";
import type { NewToolServer, ToolServerAddress, ToolServerStore } from "../../ports/tool-servers.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { liveRoom, lockLiveRoom } from "./live-room.ts";
import { toInstant, toPage } from "./rows.ts";
import { toolServers } from "./schema/tools.ts";

/** All that a user's role may read: what opens the server is not among it. */
const shown = {
  id: toolServers.id,
  roomId: toolServers.roomId,
  name: toolServers.name,
  url: toolServers.url,
  hasAuthorization: toolServers.hasAuthorization,
  requiresApproval: toolServers.requiresApproval,
  createdAt: toolServers.createdAt,
  updatedAt: toolServers.updatedAt,
};
type Row = Pick<typeof toolServers.$inferSelect, keyof typeof shown>;

export function createToolServerStore(database: Database): ToolServerStore {
  const { query } = database;
  return {
    async create(caller, created, result) {
      const isMade = sql`exists (select 1 from tool_servers v where v.id = ${created.server.id})`;
      const [room, inserted] = await database.asCaller(caller, [
        lockLiveRoom(query, created.server.room_id),
        insertUnlessTooMany(query, created),
        storeResult(query, result, isMade),
      ]);
      if (room.length === 0) return "room_missing";
      return inserted.rows.length > 0 ? "created" : "too_many";
    },
    async list(caller, roomId, { limit, cursor }) {
      const after = cursor === undefined ? undefined : lt(toolServers.id, cursor);
      const select = query
        .select(shown)
        .from(toolServers)
        .where(and(isLiveIn(roomId), after))
        .orderBy(desc(toolServers.id))
        .limit(limit + 1);
      const [room, rows] = await database.asCaller(caller, [liveRoom(query, roomId), select]);
      return room.length === 0 ? null : toPage(rows, limit, toServer, (server) => server.id);
    },
    async find(caller, address) {
      const [rows] = await database.asCaller(caller, [query.select(shown).from(toolServers).where(isServer(address))]);
      return rows[0] === undefined ? null : toServer(rows[0]);
    },
    update: (...change) => updateServer(database, ...change),
    async remove(caller, address) {
      const gone = query
        .update(toolServers)
        .set({ deletedAt: sql`pantheon_now()`, authorization: null })
        .where(isServer(address))
        .returning({ id: toolServers.id });
      const [rows] = await database.asCaller(caller, [gone]);
      return rows.length > 0;
    },
  };
}

/** The room is locked first, so that this statement counts all that those before it made. */
function insertUnlessTooMany(query: Drizzle, { server, authorization, maxServers }: NewToolServer) {
  return query.execute(sql`
    insert into tool_servers (id, owner_id, room_id, name, url, "authorization", requires_approval, created_at, updated_at)
    select ${server.id}::uuid, ${currentUser}, room.id, ${server.name}, ${server.url}, ${authorization}, ${server.requires_approval}::boolean,
      ${server.created_at}::timestamptz, ${server.updated_at}::timestamptz
    from rooms room where room.id = ${server.room_id} and room.deleted_at is null
      and (select count(*) from tool_servers v where v.room_id = room.id and v.deleted_at is null) < ${maxServers}::int
    returning id`);
}

// The role of users' requests cannot read the authorization, so that keeping it or not is told by the address alone.
async function updateServer(
  { query, asCaller }: Database,
  ...[caller, address, change]: Parameters<ToolServerStore["update"]>
): Promise<ToolServer | null> {
  const movesBare = change.authorization === undefined ? change.url : undefined;
  const bare = query
    .update(toolServers)
    .set({ authorization: null })
    .where(movesBare === undefined ? sql`false` : and(isServer(address), ne(toolServers.url, movesBare)));
  const update = query.update(toolServers).set(toChanges(change)).where(isServer(address)).returning(shown);
  const [, rows] = await asCaller(caller, [bare, update]);
  return rows[0] === undefined ? null : toServer(rows[0]);
}

function toChanges({ url, authorization, requires_approval }: UpdateToolServer) {
  return {
    ...(url === undefined ? {} : { url }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(requires_approval === undefined ? {} : { requiresApproval: requires_approval }),
  };
}

const isLiveIn = (roomId: RoomId) => and(eq(toolServers.roomId, roomId), isNull(toolServers.deletedAt));
const isServer = ({ roomId, name }: ToolServerAddress) =>
  and(isLiveIn(roomId), sql`lower(${toolServers.name}) = lower(${name})`);

function toServer(row: Row): ToolServer {
  return ToolServer.parse({
    id: row.id,
    room_id: row.roomId,
    name: row.name,
    url: row.url,
    has_authorization: row.hasAuthorization,
    requires_approval: row.requiresApproval,
    created_at: toInstant(row.createdAt),
    updated_at: toInstant(row.updatedAt),
  });
}
