import { type SQL, sql } from "drizzle-orm";
import type { SessionId, TurnId } from "../../contract/ids.ts";
import type { ListQuery } from "../../contract/lists.ts";
import type { EventQuery } from "../../ports/turns.ts";
import { currentUser } from "./database.ts";
import { iso } from "./iso.ts";

export const sessionExists = (id: SessionId) =>
  sql`select true as answer from sessions where id = ${id} and deleted_at is null`;
const turnSays = (answer: SQL, id: TurnId) => sql`
  select ${answer} as answer from turns t join sessions s on s.id = t.session_id where t.id = ${id} and s.deleted_at is null`;
export const turnExists = (id: TurnId) => turnSays(sql`true`, id);
export const turnIsOver = (id: TurnId) => turnSays(sql`pantheon_is_over(t.status)`, id);

/** A room with its manager and its roster, and the prices in force. */
export const roomFields = sql`
  'roomId', r.id, 'room', jsonb_build_object('name', r.name, 'goal', r.goal, 'mode', r.mode),
  'manager', (select jsonb_build_object('model_alias', p.alias, 'provider_model', p.provider_model, 'context_limit', p.context_limit,
    'multiplier_milli', p.multiplier_milli, 'token_ratios', c.ratios)
    from current_model_prices p left join token_calibrations c on c.provider_model = p.provider_model where p.alias = r.manager_model_alias),
  'pricingVersion', (select p.pricing_version from current_model_prices p limit 1),
  'agents', (select coalesce(jsonb_agg(jsonb_build_object('key', a.agent_key, 'name', a.name, 'role_prompt', a.role_prompt, 'tools', a.tools,
      'model_alias', a.model_alias, 'provider_model', p.provider_model, 'context_limit', p.context_limit,
      'multiplier_milli', p.multiplier_milli, 'token_ratios', c.ratios) order by a.position), '[]')
    from room_agents a left join current_model_prices p on p.alias = a.model_alias
      left join token_calibrations c on c.provider_model = p.provider_model
    where a.room_id = r.id and a.deleted_at is null)`;

/** Session, room, roster with the prices in force, and the turns that are never cut: one statement. */
export function snapshotRow(id: SessionId, recentTurns: number) {
  return sql`
    select jsonb_build_object('turnCount', s.turn_count, ${roomFields},
      'window', pantheon_window(s.id, s.turn_count + 1, 0, ${recentTurns}::int),
      'history', pantheon_measure_history(s.id, coalesce((select max(p.context_limit) from room_agents a
        join current_model_prices p on p.alias = a.model_alias where a.room_id = r.id and a.deleted_at is null), 0), ${recentTurns}::int),
      'isSummarizing', exists (select 1 from turns t where t.session_id = s.id and t.mode = 'summary' and t.finished_at is null),
      'repliesToCome', pantheon_replies_to_come(s.id)) as answer
    from sessions s join rooms r on r.id = s.room_id
    where s.id = ${id} and s.deleted_at is null and r.deleted_at is null`;
}

/** The input of a turn with the wallet and the size of the history; of earlier messages only sum and number leave the database. */
export function quoteSnapshotRow(id: SessionId, recentTurns: number) {
  return sql`
    select g.answer || jsonb_build_object(
      'walletUnits', coalesce((select a.balance_units::text from accounts a where a.owner_id = ${currentUser} and a.kind = 'wallet'), '0'),
      'windowTokens', read.tokens, 'windowMessages', read.messages) as answer
    from (${snapshotRow(id, recentTurns)}) as g
      cross join lateral (select coalesce(sum((m->>'tokens')::int), 0) as tokens, count(*) as messages
        from jsonb_array_elements(pantheon_window(${id}, (g.answer->>'turnCount')::int + 1,
          (select coalesce(max((a->>'context_limit')::int), 0) from jsonb_array_elements(g.answer->'agents') a), ${recentTurns}::int)->'messages') m) as read`;
}

export function turnRow(id: TurnId) {
  return sql`
    select jsonb_build_object('id', t.id, 'session_id', t.session_id, 'room_id', t.room_id, 'turn_index', t.turn_index, 'status', t.status,
      'mode', t.mode, 'rounds', t.rounds, 'metadata', t.metadata, 'budget_units', t.budget_units::text, 'pause', t.pause, 'error', t.error, 'agents', t.plan->'agents',
      'created_at', ${iso("t.created_at")}, 'started_at', ${iso("t.started_at")}, 'finished_at', ${iso("t.finished_at")},
      'messages', (select jsonb_agg(jsonb_build_object('id', m.id, 'position', m.position, 'author', m.author, 'text', m.text))
        from messages m where m.turn_id = t.id),
      'steps', (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'index', s.step_index, 'purpose', s.purpose, 'agent_key', s.agent_key,
          'round', s.round, 'instruction', s.instruction, 'result', s.result, 'status', s.status, 'attempts', s.attempts, 'flags', s.flags, 'error', s.error,
          'tool_calls', (select coalesce(jsonb_agg(jsonb_build_object('id', c.call_id, 'name', c.name, 'arguments', c.arguments, 'status', c.status,
            'result_bytes', c.result_bytes, 'latency_ms', c.latency_ms) order by c.attempt, c.ordinal), '[]') from tool_calls c where c.step_id = s.id and c.turn_id = t.id),
          'started_at', ${iso("s.started_at")}, 'finished_at', ${iso("s.finished_at")}) order by s.step_index), '[]')
        from turn_steps s where s.turn_id = t.id),
      'held_units', (select coalesce(sum(h.units - h.charged_units), 0)::text from holds h where h.turn_id = t.id and h.is_open),
      'calls', (select coalesce(jsonb_agg(jsonb_build_object('step_id', c.step_id, 'model_calls', c.calls, 'fresh_tokens', c.fresh,
          'cached_tokens', c.cached, 'output_tokens', c.output, 'charged_units', c.units::text, 'cost_usd_pico', c.cost::text,
          'is_estimated', c.is_estimated)), '[]')
        from (select step_id, count(*) filter (where status <> 'lost') as calls, sum(fresh_tokens) as fresh, sum(cached_tokens) as cached,
            sum(output_tokens) as output, sum(charged_units) as units, sum(cost_usd_pico) as cost,
            bool_or(is_estimated and status <> 'lost') as is_estimated
          from llm_call_events where turn_id = t.id group by step_id) as c)) as answer
    from turns t join sessions s on s.id = t.session_id where t.id = ${id} and s.deleted_at is null`;
}

export function summaryRows(id: SessionId, { limit, cursor }: ListQuery) {
  const before = cursor === undefined ? sql`` : sql`and t.turn_index < ${Number(cursor)}`;
  return sql`
    select coalesce(jsonb_agg(row order by (row->>'turn_index')::int desc), '[]') as answer from (
      select jsonb_build_object('id', t.id, 'session_id', t.session_id, 'room_id', t.room_id, 'turn_index', t.turn_index, 'status', t.status,
        'mode', t.mode, 'rounds', t.rounds, 'created_at', ${iso("t.created_at")}, 'started_at', ${iso("t.started_at")},
        'finished_at', ${iso("t.finished_at")}) as row
      from turns t where t.session_id = ${id} and t.turn_index > 0 ${before} order by t.turn_index desc limit ${limit + 1}) as page`;
}

/** A message as the wire has it. */
export const messageFields = sql`jsonb_build_object('id', m.id, 'turn_id', m.turn_id, 'turn_index', m.turn_index, 'position', m.position,
  'author', m.author, 'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text, 'tokens', m.tokens,
  'is_pinned', m.is_pinned, 'created_at', ${iso("m.created_at")})`;

export function messageRows(id: SessionId, { limit, cursor }: ListQuery) {
  const [turnIndex, position] = (cursor ?? "").split(".").map(Number);
  const before = cursor === undefined ? sql`` : sql`and (m.turn_index, m.position) < (${turnIndex}, ${position})`;
  return sql`
    select coalesce(jsonb_agg(row order by (row->>'turn_index')::int desc, (row->>'position')::int desc), '[]') as answer from (
      select ${messageFields} as row
      from messages m where m.session_id = ${id} ${before} order by m.turn_index desc, m.position desc limit ${limit + 1}) as page`;
}

export function eventRows(id: TurnId, { after, limit }: EventQuery) {
  return sql`
    select coalesce(jsonb_agg(row order by (row->>'seq')::int), '[]') as answer from (
      select jsonb_build_object('turn_id', e.turn_id, 'seq', e.seq, 'type', e.type, 'data', e.data, 'created_at', ${iso("e.created_at")}) as row
      from turn_events e where e.turn_id = ${id} and e.seq > ${after} order by e.seq limit ${limit}) as page`;
}
