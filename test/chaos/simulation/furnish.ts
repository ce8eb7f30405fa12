import { uuidv7 } from "../../../src/adapters/system/ids.ts";
import { RoomId, SessionId, UserId } from "../../../src/contract/ids.ts";
import type { Mode } from "../../../src/contract/rooms.ts";
import type { SqlStatement } from "../../../src/local/postgres/backend.ts";
import type { Caller } from "../../../src/ports/caller.ts";
import type { World } from "./world-shape.ts";

/** A user of the schedule's own, with a room, agents and sessions. */
export interface Setting {
  readonly userId: UserId;
  readonly caller: Caller;
  readonly roomId: RoomId;
  readonly mode: Mode;
  readonly agentKeys: readonly string[];
  readonly sessionIds: readonly [SessionId, ...SessionId[]];
}

const everyKey = ["ada", "bob", "cyd", "dan"] as const;

/** The room is set up without mishap, as the owner and in one transaction: the schedule is about what comes after. */
export async function furnish(world: World): Promise<Setting> {
  const { random, database, now } = world;
  const newId = () => uuidv7(now().getTime(), random.ids.bytes(10));
  const userId = UserId.parse(newId());
  const setting: Setting = {
    userId,
    caller: { kind: "user", userId, email: null },
    roomId: RoomId.parse(newId()),
    mode: random.play.pick(["manual", "roundtable"]),
    agentKeys: everyKey.slice(0, random.play.between(1, everyKey.length)),
    sessionIds: [SessionId.parse(newId()), ...(random.play.chance(0.3) ? [SessionId.parse(newId())] : [])],
  };
  database.setTime(now());
  await database.change([...identify(userId), ...furniture(setting, newId)]);
  return setting;
}

function identify(userId: UserId): readonly SqlStatement[] {
  return [
    { sql: "select set_config('role', 'pantheon_app', true)" },
    { sql: "select * from pantheon_authenticate_user($1, null, 0)", params: [userId] },
  ];
}

function furniture(
  { userId, roomId, mode, agentKeys, sessionIds }: Setting,
  newId: () => string,
): readonly SqlStatement[] {
  const room = {
    sql: "insert into rooms (id, owner_id, name, goal, mode) values ($1, $2, 'Room', '', $3)",
    params: [roomId, userId, mode],
  };
  const agents = agentKeys.map((key, position) => ({
    sql: `insert into room_agents (id, owner_id, room_id, agent_key, name, model_alias, role_prompt, position)
      values ($1, $2, $3, $4, $5, 'gpt-4o-mini', $6, $7)`,
    params: [newId(), userId, roomId, key, key.toUpperCase(), `You are ${key}, edition 0.`, String(position)],
  }));
  const sessions = sessionIds.map((id) => ({
    sql: "insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')",
    params: [id, userId, roomId],
  }));
  return [room, ...agents, ...sessions];
}
