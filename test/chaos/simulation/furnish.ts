import { uuidv7 } from "../../../src/adapters/system/ids.ts";
import { RoomId, SessionId, UserId } from "../../../src/contract/ids.ts";
import { lowBalanceUnits } from "../../../src/domain/money/low-balance.ts";
import type { SqlStatement } from "../../../src/local/postgres/backend.ts";
import type { Caller } from "../../../src/ports/caller.ts";
import type { Plot } from "./plot.ts";
import type { Random } from "./random.ts";
import type { World } from "./world-shape.ts";

/** A user of the schedule's own, with a room, agents and sessions. */
export interface Setting {
  readonly userId: UserId;
  readonly caller: Caller;
  readonly roomId: RoomId;
  readonly plot: Plot;
  readonly agentKeys: readonly string[];
  readonly sessionIds: readonly [SessionId, ...SessionId[]];
  readonly means: Means;
  /** What the user's webhook endpoint wants; null where there is none. */
  readonly wantedEvents: readonly string[] | null;
}

const terminalEvents = ["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"] as const;

/** What a user may spend, in units; null where nothing limits it. */
export interface Means {
  readonly wallet: bigint;
  readonly roomBudget: bigint | null;
  readonly dayBudget: bigint | null;
}

const manyUnits = 1_000_000_000_000n;
/** About what one step holds. */
const stepUnits = 400_000_000;

const fewSteps = 6n;

const everyKey = ["ada", "bob", "cyd", "dan"] as const;

/** The room is set up without mishap, as the owner and in one transaction: the schedule is about what comes after. */
export async function furnish(world: World): Promise<Setting> {
  const { random, database, now, plot } = world;
  const newId = () => uuidv7(now().getTime(), random.ids.bytes(10));
  const userId = UserId.parse(newId());
  const setting: Setting = {
    userId,
    caller: { kind: "user", userId, email: null, isEmailConfirmed: true },
    roomId: RoomId.parse(newId()),
    plot,
    agentKeys: everyKey.slice(0, plot.agents),
    sessionIds: [
      SessionId.parse(newId()),
      ...(random.play.chance(plot.memory === "seldom" ? 0.3 : 0.1) ? [SessionId.parse(newId())] : []),
    ],
    means: drawMeans(random.play),
    wantedEvents: random.play.pick([null, [], terminalEvents]),
  };
  database.setTime(now());
  await database.change([...identify(setting), ...furniture(setting, newId)]);
  return setting;
}

/** Most have plenty; the others run out, of credits or of what a budget allows. */
function drawMeans(play: Random): Means {
  const scarce = () => BigInt(play.between(0, 16) * stepUnits);
  return {
    wallet: play.chance(0.2) ? scarceWallet(scarce()) : manyUnits,
    roomBudget: play.chance(0.15) ? scarce() : null,
    dayBudget: play.chance(0.1) ? scarce() : null,
  };
}

/** Whoever has enough for a few steps has just so much that the first charge makes it a low balance. */
function scarceWallet(units: bigint): bigint {
  return units < fewSteps * BigInt(stepUnits) ? units : lowBalanceUnits;
}

function identify({ userId, means }: Setting): readonly SqlStatement[] {
  return [
    { sql: "select set_config('role', 'pantheon_app', true)" },
    { sql: "select * from pantheon_authenticate_user($1, null, $2::bigint)", params: [userId, String(means.wallet)] },
    {
      sql: "insert into user_budgets (owner_id, per_day_units) values ($1, $2::bigint)",
      params: [userId, means.dayBudget === null ? null : String(means.dayBudget)],
    },
  ];
}

function furniture(
  { userId, roomId, plot, agentKeys, sessionIds, means, wantedEvents }: Setting,
  newId: () => string,
): readonly SqlStatement[] {
  const budget = means.roomBudget === null ? null : String(means.roomBudget);
  const room = {
    sql: `insert into rooms (id, owner_id, name, goal, mode, manager_model_alias, budget_units)
      values ($1, $2, 'Room', '', $3, $4, $5::bigint)`,
    params: [roomId, userId, plot.modes[0], plot.models.manager, budget],
  };
  const agents = agentKeys.map((key, position) => ({
    sql: `insert into room_agents (id, owner_id, room_id, agent_key, name, model_alias, role_prompt, position)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    params: [
      ...[newId(), userId, roomId, key, key.toUpperCase(), plot.models.agents],
      ...[`You are ${key}, edition 0.`, String(position)],
    ],
  }));
  const sessions = sessionIds.map((id) => ({
    sql: "insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')",
    params: [id, userId, roomId],
  }));
  return [room, ...agents, ...sessions, ...(wantedEvents === null ? [] : [endpointRow(newId(), userId, wantedEvents)])];
}

/** Enough for all that is open, as a user who tops up and raises every budget. */
export function liftLimits({ userId, roomId }: Setting): readonly SqlStatement[] {
  return [
    { sql: "select set_config('role', 'pantheon_system', true)" },
    { sql: "update rooms set budget_units = null where id = $1", params: [roomId] },
    { sql: "update user_budgets set per_day_units = null where owner_id = $1", params: [userId] },
    {
      sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        select k.key, $1, e.kind, 'signup_grant', e.units from (select 'topup:' || gen_random_uuid() as key offset 0) k
          cross join (values ('granted', -1000000000000), ('wallet', 1000000000000)) as e(kind, units)`,
      params: [userId],
    },
  ];
}

function endpointRow(id: string, userId: UserId, events: readonly string[]): SqlStatement {
  return {
    sql: `insert into webhook_endpoints (id, owner_id, url, events, description, secret)
      select $1, $2, 'https://receiver.example.com/', array(select jsonb_array_elements_text($3::jsonb)), '', 'whsec_'`,
    params: [id, userId, JSON.stringify(events)],
  };
}
