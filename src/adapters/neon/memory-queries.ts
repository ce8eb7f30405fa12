import { type SQL, sql } from "drizzle-orm";
import type { MessageId, RegisterEntryId, RoomId, SessionId } from "../../contract/ids.ts";
import type { StoredResult } from "../../ports/idempotency.ts";
import type { PinChange, RegisterQuery } from "../../ports/memory-store.ts";
import { currentUser } from "./database.ts";
import { toResultRow } from "./idempotency-store.ts";
import { iso } from "./iso.ts";
import { messageFields, roomFields } from "./turn-queries.ts";

const entryFields = sql`jsonb_build_object('id', e.id, 'room_id', e.room_id, 'session_id', e.session_id, 'kind', e.kind, 'text', e.text,
  'status', e.status, 'author_key', e.author_key, 'source_message_ids', e.source_message_ids, 'is_pinned', e.is_pinned,
  'superseded_by', e.superseded_by, 'created_at', ${iso("e.created_at")}, 'updated_at', ${iso("e.updated_at")})`;

const summaryFields = sql`jsonb_build_object('id', m.id, 'session_id', m.session_id, 'version', m.version,
  'through_turn_index', m.through_turn_index, 'text', m.text, 'items', m.items, 'rendered', m.rendered, 'tokens', m.tokens,
  'is_fallback', m.is_fallback, 'created_at', ${iso("m.created_at")})`;

export const roomExists = (id: RoomId) => sql`select true as answer from rooms where id = ${id} and deleted_at is null`;

export function summaryRow(id: SessionId, version: number | null): SQL {
  const wanted = version === null ? sql`` : sql`and m.version = ${version}`;
  return sql`
    select ${summaryFields} as answer from session_summaries m join sessions s on s.id = m.session_id
    where m.session_id = ${id} and s.deleted_at is null ${wanted} order by m.version desc limit 1`;
}

/** A page of the register of a session or, with all of its sessions that are there, of a room. */
export function entryRows(of: SQL, { limit, cursor, kind, status, pinned }: RegisterQuery): SQL {
  const filters = [
    cursor === undefined ? sql`` : sql`and e.id < ${cursor}`,
    kind === undefined ? sql`` : sql`and e.kind = ${kind}`,
    status === undefined ? sql`` : sql`and e.status = ${status}`,
    pinned === undefined ? sql`` : sql`and e.is_pinned = ${pinned}`,
  ];
  return sql`
    select coalesce(jsonb_agg(row order by row->>'id' desc), '[]') as answer from (
      select ${entryFields} as row from register_entries e join sessions s on s.id = e.session_id
      where ${of} and s.deleted_at is null ${sql.join(filters, sql` `)} order by e.id desc limit ${limit + 1}) as page`;
}

export const ofSession = (id: SessionId) => sql`e.session_id = ${id}`;
export const ofRoom = (id: RoomId) => sql`e.room_id = ${id}`;

export const entryRow = (id: RegisterEntryId) =>
  sql`select ${entryFields} as answer from register_entries e where e.id = ${id}`;

/** An entry, and what the summary that follows from a change of it is made from. */
export const entrySnapshotRow = (id: RegisterEntryId) => sql`
  select jsonb_build_object('entry', ${entryFields}) || pantheon_load_unsummarized(e.session_id, 0, 0) as answer
  from register_entries e join sessions s on s.id = e.session_id where e.id = ${id} and s.deleted_at is null`;

// More than any summary takes at once: nobody needs to know how many more.
const maxCounted = 5000;

/** Room, roster with the prices in force, the summary in force and how much it does not cover: one statement. */
export const summarizeSnapshotRow = (id: SessionId) => sql`
  select jsonb_build_object(${roomFields}, 'summary', made.fields, 'throughTurnIndex', reach.through,
    'underWay', (select t.id from turns t where t.session_id = s.id and t.mode = 'summary' and t.finished_at is null),
    'bulk', (select case when count(*) < ${maxCounted} then jsonb_build_object('messages', count(*), 'boundTokens', coalesce(sum(said.bound_tokens), 0),
        'longestBoundTokens', coalesce(max(said.bound_tokens), 0)) end
      from (select m.bound_tokens from messages m where m.session_id = s.id and m.turn_index > coalesce(made.through, 0)
          and m.turn_index <= reach.through and m.is_in_history and m.private_to is null
        limit ${maxCounted}) as said)) as answer
  from sessions s join rooms r on r.id = s.room_id
    cross join lateral (select coalesce(min(t.turn_index) - 1, s.turn_count) as through from turns t
      where t.session_id = s.id and t.turn_index > 0 and (t.is_active or t.status = 'queued' and not t.is_active)) as reach
    left join lateral (select m.through_turn_index as through, ${summaryFields} as fields from session_summaries m
      where m.session_id = s.id order by m.version desc limit 1) as made on true
  where s.id = ${id} and s.deleted_at is null and r.deleted_at is null`;

/** The result of a turn that was made in this batch, with the index that it was given. */
export function storeSummaryTurn(turnId: string, result: StoredResult | null): SQL {
  if (result === null) return sql`select 1`;
  const row = toResultRow(result);
  return sql`
    insert into idempotency_keys (owner_id, key, fingerprint, operation, value, turn_index, expires_at)
    select ${currentUser}, ${row.key}, ${row.fingerprint}, ${row.operation}, ${row.value}::json, t.turn_index,
      ${row.expires_at}::timestamptz
    from turns t where t.id = ${turnId}`;
}

/** One pin at a time for each session, so that the count in the next statement is fresh. */
export const lockPins = (id: MessageId) =>
  sql`select pg_advisory_xact_lock(hashtextextended('pins ' || m.session_id, 0)) from messages m where m.id = ${id}`;

const isInLiveSession = sql`exists (select 1 from sessions s where s.id = m.session_id and s.deleted_at is null)`;

export function changePin(id: MessageId, { isPinned, maxPinned }: PinChange): SQL {
  const mayBe = isPinned
    ? sql`m.is_in_history and (select count(*) from messages o where o.session_id = m.session_id and o.is_pinned) < ${maxPinned}`
    : sql`true`;
  return sql`
    update messages m set is_pinned = ${isPinned}
    where m.id = ${id} and m.is_pinned <> ${isPinned} and ${isInLiveSession} and ${mayBe}`;
}

export const pinnedRow = (id: MessageId) => sql`
  select jsonb_build_object('message', ${messageFields}, 'is_in_history', m.is_in_history) as answer
  from messages m where m.id = ${id} and ${isInLiveSession}`;
