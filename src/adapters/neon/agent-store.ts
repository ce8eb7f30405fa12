import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { type Agent, maxAgentsPerRoom } from "../../contract/agents.ts";
import { AgentId, RoomId } from "../../contract/ids.ts";
import type { AgentChange, AgentStore } from "../../ports/agents.ts";
import { currentUser, type Database, type Drizzle } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { liveRoom, lockLiveRoom } from "./live-room.ts";
import { outcome, toInstant, toPage } from "./rows.ts";
import { roomAgents } from "./schema/rooms.ts";

type Row = typeof roomAgents.$inferSelect;

export function createAgentStore(database: Database): AgentStore {
  const { query } = database;
  return {
    loadSeats: (...room) => loadSeats(database, ...room),
    async create(caller, agent, result) {
      const isSeated = sql`exists (select 1 from room_agents a where a.id = ${agent.id})`;
      const [found, inserted] = await database.asCaller(caller, [
        lockLiveRoom(query, agent.room_id),
        insertUnlessFull(query, agent),
        storeResult(query, result, isSeated),
      ]);
      if (found.length === 0) return "room_missing";
      return inserted.rows.length > 0 ? "created" : "room_full";
    },
    async list(caller, roomId, { limit, cursor }) {
      const after = cursor === undefined ? undefined : gt(roomAgents.position, Number(cursor));
      const select = query
        .select()
        .from(roomAgents)
        .where(and(isSeatedIn(roomId), after))
        .orderBy(asc(roomAgents.position))
        .limit(limit + 1);
      const [found, rows] = await database.asCaller(caller, [liveRoom(query, roomId), select]);
      return found.length === 0 ? null : toPage(rows, limit, toAgent, (agent) => String(agent.position));
    },
    async find(caller, roomId, agentKey) {
      const [rows] = await database.asCaller(caller, [
        query.select().from(roomAgents).where(isAgent(roomId, agentKey)),
      ]);
      return rows[0] === undefined ? null : toAgent(rows[0]);
    },
    update: (caller, change) => updateAgent(database, caller, change),
    remove: (...removal) => removeAgent(database, ...removal),
    reorder: (...order) => reorder(database, ...order),
  };
}

async function loadSeats(
  { query, asCaller }: Database,
  ...[caller, roomId, modelAlias]: Parameters<AgentStore["loadSeats"]>
) {
  const seats = { key: roomAgents.agentKey, position: roomAgents.position };
  const [found, taken, priced] = await asCaller(caller, [
    liveRoom(query, roomId),
    query.select(seats).from(roomAgents).where(isSeatedIn(roomId)),
    query.execute(sql`select 1 from current_model_prices where alias = ${modelAlias}`),
  ]);
  if (found.length === 0) return null;
  return {
    takenKeys: taken.map((seat) => seat.key),
    takenPositions: taken.map((seat) => seat.position),
    isModelPriced: priced.rows.length > 0,
  };
}

async function removeAgent(
  { query, asCaller }: Database,
  ...[caller, roomId, key, version]: Parameters<AgentStore["remove"]>
) {
  const isOne = isAgent(roomId, key);
  const remove = query
    .update(roomAgents)
    .set({ deletedAt: sql`pantheon_now()` })
    .where(and(isOne, isAsExpected(version)))
    .returning({ id: roomAgents.id });
  const [, found, gone] = await asCaller(caller, [
    lockLiveRoom(query, roomId),
    query.select({ id: roomAgents.id }).from(roomAgents).where(isOne),
    remove,
  ]);
  return outcome(gone[0] && null, found.length > 0);
}

async function reorder(
  { query, asCaller }: Database,
  ...[caller, roomId, agentKeys]: Parameters<AgentStore["reorder"]>
) {
  const order = agentKeys.map((key) => key.toLowerCase());
  const [found, , , agents] = await asCaller(caller, [
    lockLiveRoom(query, roomId),
    ...reorderInTwoMoves(query, roomId, order),
    query.select().from(roomAgents).where(isSeatedIn(roomId)).orderBy(asc(roomAgents.position)),
  ]);
  if (found.length === 0) return null;
  const isExact =
    agents.length === order.length && agents.every((agent, index) => agent.agentKey.toLowerCase() === order[index]);
  return isExact ? agents.map(toAgent) : "mismatch";
}

async function updateAgent(
  database: Database,
  caller: Parameters<AgentStore["update"]>[0],
  { roomId, agentKey, change, expectedVersion }: AgentChange,
) {
  const { query } = database;
  const { model_alias, role_prompt, tools, ...same } = change;
  const set = {
    ...same,
    ...(model_alias === undefined ? {} : { modelAlias: model_alias }),
    ...(role_prompt === undefined ? {} : { rolePrompt: role_prompt }),
    ...(tools === undefined ? {} : { tools: [...tools] }),
  };
  const isPriced =
    model_alias === undefined
      ? undefined
      : sql`exists (select 1 from current_model_prices p where p.alias = ${model_alias})`;
  const update = query
    .update(roomAgents)
    .set({ ...set, version: sql`${roomAgents.version} + 1` })
    .where(and(isAgent(roomId, agentKey), isAsExpected(expectedVersion), isPriced))
    .returning();
  const exists = query.select({ version: roomAgents.version }).from(roomAgents).where(isAgent(roomId, agentKey));
  const [updated, found] = await database.asCaller(caller, [update, exists]);
  const result = outcome(updated[0] && toAgent(updated[0]), found.length > 0);
  const isVersionRight = expectedVersion === null || found[0]?.version === expectedVersion;
  return result.kind === "stale" && isVersionRight ? ({ kind: "unpriced" } as const) : result;
}

/** The lock comes first, so this statement counts all that those before it seated. */
function insertUnlessFull(query: Drizzle, agent: Agent) {
  return query.execute(sql`
    insert into room_agents (id, owner_id, room_id, agent_key, name, model_alias, role_prompt, tools, position, created_at, updated_at)
    select ${agent.id}::uuid, ${currentUser}, room.id, ${agent.agent_key}, ${agent.name}, ${agent.model_alias}, ${agent.role_prompt},
      array(select jsonb_array_elements_text(${JSON.stringify(agent.tools)}::jsonb)), ${agent.position}::int, ${agent.created_at}::timestamptz, ${agent.updated_at}::timestamptz
    from rooms room where room.id = ${agent.room_id} and room.deleted_at is null
      and (select count(*) from room_agents a where a.room_id = room.id and a.deleted_at is null) < ${maxAgentsPerRoom}
    returning id`);
}

/** Away from every taken place first, then home: no two agents ever share a position, not even inside the statement. */
function reorderInTwoMoves(query: Drizzle, roomId: RoomId, order: readonly string[]) {
  const wanted = sql`(select key, ordinality::int - 1 as place from jsonb_array_elements_text(${JSON.stringify(order)}::jsonb) with ordinality as o(key, ordinality))`;
  const isExact = sql`(select count(*) from room_agents a where a.room_id = ${roomId} and a.deleted_at is null) = ${order.length}
    and (select count(*) from room_agents a join ${wanted} w on w.key = lower(a.agent_key) where a.room_id = ${roomId} and a.deleted_at is null) = ${order.length}`;
  return [
    query.execute(
      sql`update room_agents set position = position + 1000000 where room_id = ${roomId} and deleted_at is null and ${isExact}`,
    ),
    query.execute(sql`
      update room_agents a set position = w.place, version = a.version + 1 from ${wanted} w
      where a.room_id = ${roomId} and a.deleted_at is null and w.key = lower(a.agent_key) and a.position >= 1000000 and ${isExact}`),
  ] as const;
}

const isSeatedIn = (roomId: RoomId) => and(eq(roomAgents.roomId, roomId), isNull(roomAgents.deletedAt));
const isAgent = (roomId: RoomId, key: string) =>
  and(isSeatedIn(roomId), sql`lower(${roomAgents.agentKey}) = lower(${key})`);
const isAsExpected = (version: number | null) => (version === null ? undefined : eq(roomAgents.version, version));

function toAgent(row: Row): Agent {
  return {
    id: AgentId.parse(row.id),
    room_id: RoomId.parse(row.roomId),
    agent_key: row.agentKey,
    name: row.name,
    model_alias: row.modelAlias,
    role_prompt: row.rolePrompt,
    tools: row.tools,
    position: row.position,
    version: row.version,
    created_at: toInstant(row.createdAt),
    updated_at: toInstant(row.updatedAt),
  };
}
