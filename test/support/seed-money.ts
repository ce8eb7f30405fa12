import { randomUUID } from "node:crypto";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import type { ApiUser, ApiWorld } from "./api.ts";
import { rowsAs } from "./tenant-rows.ts";

export interface Place {
  readonly user: ApiUser;
  readonly room: Room;
  readonly session: Session;
}

export interface Call {
  readonly at?: string;
  readonly agentKey?: string;
  readonly modelAlias?: string;
  readonly purpose?: string;
  readonly status?: "ok" | "failed" | "aborted" | "lost";
  readonly fresh?: number;
  readonly cached?: number;
  readonly output?: number;
  readonly oeHundredths?: bigint;
  /** What it was metered at; as much as is charged unless told. */
  readonly creditUnits?: bigint;
  readonly chargedUnits?: bigint;
  readonly costUsdPico?: bigint | null;
  readonly isEstimated?: boolean;
}

export interface Movement {
  readonly key: string;
  readonly reason: string;
  readonly units: bigint;
  readonly at: string;
  readonly turnId?: string;
}

export async function openPlace(
  world: ApiWorld,
  user: ApiUser,
  named: { readonly room?: string; readonly session?: string } = {},
): Promise<Place> {
  const post = (path: string, body: object) => world.request("post", path, { token: user.token, body });
  const room = (await post("/rooms", { name: named.room ?? "Room" })).json(Room);
  const session = (await post(`/rooms/${room.id}/sessions`, { title: named.session ?? "" })).json(Session);
  return { user, room, session };
}

/** A turn of this place that has been, with the rows of these calls. */
export async function seedCalls(backend: SqlBackend, place: Place, calls: readonly Call[]): Promise<string> {
  const turnId = randomUUID();
  const ids = [turnId, place.user.id, place.room.id, place.session.id];
  await rowsAs(backend, "pantheon_system", {
    sql: `insert into turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
        pending_steps, total_steps)
      select $1, $2, $3, $4, coalesce(max(turn_index), 0) + 1, 'completed', false, 'roundtable', 1, '{}', '{}', 0, 1
      from turns where session_id = $4`,
    params: ids,
  });
  for (const call of calls) await rowsAs(backend, "pantheon_system", insertCall(ids, call));
  return turnId;
}

function insertCall(ids: readonly string[], call: Call) {
  const charged = call.chargedUnits ?? 0n;
  const numbers = [call.fresh ?? 0, call.cached ?? 0, call.output ?? 0, call.oeHundredths ?? 0n];
  const units = [call.creditUnits ?? charged, charged];
  const words = [call.agentKey ?? "ada", call.modelAlias ?? "gpt-4o-mini", call.purpose ?? "agent"];
  const rest = [
    call.status ?? "ok",
    String(call.isEstimated ?? false),
    call.at ?? "2026-11-21T12:00:00Z",
    call.costUsdPico === undefined || call.costUsdPico === null ? "null" : String(call.costUsdPico),
  ];
  return {
    sql: `insert into llm_call_events (id, step_id, turn_id, owner_id, room_id, session_id, attempt, ordinal, fresh_tokens, cached_tokens,
        output_tokens, oe_hundredths, credit_units, charged_units, agent_key, model_alias, purpose, status, is_estimated, created_at,
        cost_usd_pico, provider, provider_model, cache_write_tokens, reasoning_tokens, multiplier_milli, pricing_version)
      values (gen_random_uuid(), gen_random_uuid(), $1, $2, $3, $4, 1, 0, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        nullif($17, 'null')::bigint, 'openrouter', 'some/model', 0, 0, 1000, '2026-02-20')`,
    params: [...ids, ...numbers.map(String), ...units.map(String), ...words, ...rest],
  };
}

/** Both sides of it: what the wallet gains, the grants lose. */
export async function moveMoney(backend: SqlBackend, { id }: ApiUser, movement: Movement): Promise<void> {
  const { key, reason, units, at, turnId = null } = movement;
  await rowsAs(backend, "pantheon_system", {
    sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
      values ($1, $2, 'wallet', $3, $4::bigint, nullif($6, '')::uuid, $5), ($1, $2, 'granted', $3, -$4::bigint, nullif($6, '')::uuid, $5)`,
    params: [key, id, reason, String(units), at, turnId ?? ""],
  });
}
