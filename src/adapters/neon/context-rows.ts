import { type SQL, sql } from "drizzle-orm";
import { maxLeftOutShown } from "../../contract/context-audits.ts";
import type { TurnId } from "../../contract/ids.ts";
import { iso } from "./iso.ts";

// Taken as they are kept: what an earlier version did not keep is null, false or empty.
const figures = {
  model_alias: "modelAlias",
  model_context_limit: "modelContextLimit",
  input_budget: "inputBudget",
  output_reserve: "outputReserve",
  overhead_reserve: "overheadReserve",
  estimate_before: "estimateBefore",
  estimate_after_summary: "estimateAfterSummary",
  estimate_after_prune: "estimateAfterPrune",
  summary_id: "summaryId",
  prompt_hash: "promptHash",
};
const flags = { is_summary_wanted: "isSummaryWanted", is_pruned: "isPruned", is_rejected: "isRejected" };

const figureFields = sql.raw(
  Object.entries(figures)
    .map(([field, key]) => `'${field}', a.audit->'${key}'`)
    .join(", "),
);
const flagFields = sql.raw(
  Object.entries(flags)
    .map(([field, key]) => `'${field}', coalesce(a.audit->'${key}', 'false')`)
    .join(", "),
);

/** Every model call of a turn, with its ranges told message by message: one statement. */
export const contextRows = (id: TurnId): SQL => sql`
  select coalesce(jsonb_agg(jsonb_build_object('step_index', a.step_index, 'step_id', s.id, 'agent_key', a.agent_key, 'purpose', s.purpose,
      'attempt', a.attempt, ${figureFields}, ${flagFields}, 'messages_in', ${messagesIn}, 'messages_out', ${cuts} || coalesce(unread.shown, '[]'),
      'ranges', ${ranges}, 'is_truncated', unread.found > ${maxLeftOutShown}, 'provider_tokens', ${providerTokens},
      'created_at', ${iso("a.created_at")}) order by a.step_index, a.attempt), '[]') as answer
  from turn_context_audit a join turns t on t.id = a.turn_id
    left join turn_steps s on s.turn_id = t.id and s.step_index = a.step_index
    cross join lateral (${unread}) as unread
  where a.turn_id = ${id}`;

// A call that was judged before its turn was stored knew the user's message by no id.
const messagesIn = sql`(
  select coalesce(jsonb_agg(coalesce(nullif(i.id, ''), m.id::text) order by i.place), '[]')
  from jsonb_array_elements_text(a.audit->'includedMessageIds') with ordinality as i(id, place)
    left join messages m on m.turn_id = t.id and m.position = 0
  where i.id is distinct from a.audit->>'summaryId')`;

const cuts = sql`(
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('message_id', c.cut->'messageId', 'rule', c.cut->'rule',
    'kept_characters', c.cut->'keptCharacters', 'kept_bytes', c.cut->'keptBytes', 'original_bytes', c.cut->'originalBytes')) order by c.place), '[]')
  from jsonb_array_elements(a.audit->'cuts') with ordinality as c(cut, place))`;

const ranges = sql`(
  select coalesce(jsonb_agg(jsonb_build_object('rule', r.range->'rule', 'from_turn_index', r.range->'fromTurnIndex',
    'through_turn_index', r.range->'throughTurnIndex') order by r.place), '[]')
  from jsonb_array_elements(a.audit->'ranges') with ordinality as r(range, place))`;

// Pinned ones were read in spite of their range. Walks back along the index, no further than is shown.
const unread = sql`
  select count(*) as found, jsonb_agg(jsonb_build_object('message_id', o.id, 'rule', o.rule) order by o.turn_index, o.position)
    filter (where o.place <= ${maxLeftOutShown}) as shown
  from (
    select m.id, m.turn_index, m.position, r.rule, row_number() over (order by m.turn_index desc, m.position desc) as place
    from jsonb_to_recordset(a.audit->'ranges') as r(rule text, "fromTurnIndex" int, "throughTurnIndex" int)
      cross join lateral (
        select m.id, m.turn_index, m.position from messages m
        where m.session_id = t.session_id and m.turn_index between r."fromTurnIndex" and r."throughTurnIndex" and m.is_in_history
          and (m.private_to is null or m.private_to = a.agent_key) and not (a.audit->'includedMessageIds' ? m.id::text)
          and not (a.audit->'cuts' @> jsonb_build_array(jsonb_build_object('messageId', m.id)))
        order by m.turn_index desc, m.position desc limit ${maxLeftOutShown + 1}
      ) as m
  ) as o`;

const providerTokens = sql`(
  select case when not e.is_estimated then e.fresh_tokens + e.cached_tokens end from llm_call_events e
  where e.step_id = s.id and e.attempt = a.attempt and e.status = 'ok' order by e.ordinal desc limit 1)`;
