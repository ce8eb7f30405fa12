import { randomUUID } from "node:crypto";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import type { ApiUser, ApiWorld } from "../support/api.ts";
import { rowsAs } from "../support/tenant-rows.ts";

export interface Place {
  readonly user: ApiUser;
  readonly roomId: string;
  readonly sessionId: string;
}

/** A user with a room of one agent and an open session. */
export async function furnish(world: ApiWorld, known?: ApiUser): Promise<Place> {
  const user = known ?? (await world.signUp());
  const post = (path: string, body: object) => world.request("post", path, { token: user.token, body });
  const roomId = (await post("/rooms", { name: "Launch", goal: "Ship it." })).json(Room).id;
  await post(`/rooms/${roomId}/agents`, { agent_key: "ada", name: "Ada", model_alias: "gpt-4o-mini" });
  const sessionId = (await post(`/rooms/${roomId}/sessions`, {})).json(Session).id;
  return { user, roomId, sessionId };
}

export function ask(world: ApiWorld, sql: string, params: readonly string[]) {
  return rowsAs(world.backend, "pantheon_system", { sql, params });
}

export interface PlantedTurn {
  readonly index: number;
  readonly texts: readonly string[];
  readonly status?: string;
  readonly isInHistory?: boolean;
}

/** A turn with its messages, as the engine leaves it; answers the ids of the messages. */
export async function plantTurn(world: ApiWorld, place: Place, turn: PlantedTurn): Promise<readonly string[]> {
  const { index, texts, status = "completed", isInHistory = true } = turn;
  const id = world.composed.ports.ids.uuid();
  const isActive = String(status === "running" || status === "paused");
  const pause = status === "paused" ? '{"code":"insufficient_credits"}' : "";
  await ask(
    world,
    `insert into turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, pause, pending_steps,
       total_steps, finished_at)
     select $1, $2, $3, $4, $5, $6, $7, 'roundtable', 1, '{}', '{}', nullif($8, '')::jsonb, 0, 0,
       case when $6 not in ('queued', 'running', 'paused') then now() end`,
    [id, place.user.id, place.roomId, place.sessionId, String(index), status, isActive, pause],
  );
  const ids: string[] = [];
  for (const [position, text] of texts.entries()) {
    ids.push(world.composed.ports.ids.uuid());
    await ask(
      world,
      `insert into messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, text, tokens, is_in_history)
       values ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, ''), $10, 10, $11)`,
      [
        ids.at(-1) ?? "",
        place.user.id,
        place.sessionId,
        id,
        String(index),
        String(position),
        ...(position === 0 ? ["user", "", ""] : ["agent", "ada", "Ada"]),
        text,
        String(isInHistory),
      ],
    );
  }
  await ask(world, "update sessions set turn_count = greatest(turn_count, $2::int) where id = $1", [
    place.sessionId,
    String(index),
  ]);
  return ids;
}

export interface PlantedEntry {
  readonly kind: "fact" | "decision" | "question" | "action";
  readonly text: string;
  readonly author_key?: string | null;
  readonly source_message_ids?: readonly string[];
  readonly is_pinned?: boolean;
}

export interface PlantedSummary {
  readonly base_version?: number;
  readonly through_turn_index?: number;
  readonly text?: string;
  readonly rendered?: string;
  readonly entries?: readonly PlantedEntry[];
  readonly cursor?: object | null;
  readonly is_fallback?: boolean;
}

const listByKind = { fact: "key_facts", decision: "decisions", question: "open_questions", action: "action_items" };

/** The next version of a session's summary, written as a step writes it; answers the ids of its new entries. */
export async function plantSummary(world: ApiWorld, place: Place, summary: PlantedSummary = {}) {
  const { ids } = world.composed.ports;
  const { base_version = 0, through_turn_index = 1, text = "The story.", entries = [] } = summary;
  const made = entries.map((entry) => ({ author_key: null, source_message_ids: [], ...entry, id: ids.uuid() }));
  const items = Object.entries(listByKind).map(([kind, list]) => [
    list,
    made
      .filter((entry) => entry.kind === kind)
      .map((entry) => ({ id: entry.id, text: entry.text, sources: entry.source_message_ids })),
  ]);
  const row = {
    id: ids.uuid(),
    base_version,
    through_turn_index,
    made_at_turn_index: through_turn_index + 4,
    cursor: summary.cursor ?? null,
    text,
    items: Object.fromEntries(items),
    rendered: summary.rendered ?? text,
    tokens: 7,
    token_class: "prose",
    is_fallback: summary.is_fallback ?? false,
    new_entries: made,
    changes: [],
  };
  await ask(world, "select pantheon_write_summary($1, null, $2)", [place.sessionId, JSON.stringify(row)]);
  return { id: row.id, entryIds: made.map(({ id }) => id) };
}

/** What a stranger is told of an id, and what everybody is told of one that is nobody's. */
export const nobodysId = (): string => randomUUID();
