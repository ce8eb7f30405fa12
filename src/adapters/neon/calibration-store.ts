import { sql } from "drizzle-orm";
import type { CalibrationChange, CalibrationStore } from "../../ports/calibrations.ts";
import { calibrationAnswer, keptAnswer } from "./answers/calibration-answers.ts";
import { askSystem } from "./ask.ts";
import type { Database } from "./database.ts";

export function createCalibrationStore(database: Database): CalibrationStore {
  return {
    read: (limit) => askSystem(database, unlearntCalls(limit), calibrationAnswer),
    write: (changes) => askSystem(database, keepChanges(changes), keptAnswer),
  };
}

/**
 * Only a claim's first call is sent what its audit says. The last seconds wait for transactions that are still open, and what is
 * older than a day is not caught up with.
 */
const unlearntCalls = (limit: number) => sql`
  with place as (
    select observed_at, observed_id from token_calibrations
    union all select pantheon_now() - interval '1 day', '00000000-0000-0000-0000-000000000000'::uuid
    order by 1 desc, 2 desc limit 1
  ), calls as (
    select e.id, e.created_at, e.provider_model, e.step_id, e.turn_id, e.attempt, e.fresh_tokens + e.cached_tokens as prompt_tokens
    from llm_call_events e
    where e.status = 'ok' and not e.is_estimated and e.ordinal = 0
      and (e.created_at, e.id) > (select observed_at, observed_id from place) and e.created_at < pantheon_now() - interval '10 seconds'
    order by e.created_at, e.id limit ${limit}::int
  )
  select jsonb_build_object(
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('at', c.created_at, 'id', c.id, 'provider_model', c.provider_model,
        'prompt_tokens', c.prompt_tokens, 'tokens_by_part', a.audit->'estimatedByClass') order by c.created_at, c.id), '[]')
      from calls c left join turn_steps s on s.id = c.step_id
      left join turn_context_audit a on a.turn_id = c.turn_id and a.step_index = s.step_index and a.attempt = c.attempt),
    'calibrations', (select coalesce(jsonb_agg(jsonb_build_object('provider_model', t.provider_model, 'ratios', t.ratios,
        'covariance', t.covariance, 'observed_id', t.observed_id)), '[]')
      from token_calibrations t where t.provider_model in (select c.provider_model from calls c))) as answer`;

// A row that another run has moved on is left alone: the condition is asked of the row as it is once its lock is had.
const keepChanges = (changes: readonly CalibrationChange[]) => sql`
  with changes as (
    select * from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c(provider_model text, ratios jsonb, covariance jsonb,
      observed_at timestamptz, observed_id uuid, observed_id_before uuid)
  ), kept as (
    insert into token_calibrations (provider_model, ratios, covariance, observed_at, observed_id, updated_at)
    select provider_model, ratios, covariance, observed_at, observed_id, pantheon_now() from changes order by provider_model
    on conflict (provider_model) do update set ratios = excluded.ratios, covariance = excluded.covariance,
      observed_at = excluded.observed_at, observed_id = excluded.observed_id, updated_at = excluded.updated_at
    where token_calibrations.observed_id = (select c.observed_id_before from changes c where c.provider_model = excluded.provider_model)
    returning provider_model
  )
  select count(*)::int as answer from kept`;
