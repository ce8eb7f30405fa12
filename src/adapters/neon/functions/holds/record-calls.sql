-- Every model call gets a row; calls that gave a result are charged, in order, as far as the hold goes.
-- The answer holds the sums.
CREATE OR REPLACE FUNCTION pantheon_record_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb,
  p_most bigint)
RETURNS TABLE (metered bigint, charged bigint, wasted bigint) LANGUAGE sql AS $$
  WITH made AS (
    SELECT c.*, coalesce(sum(c.credit_units) FILTER (WHERE c.is_charged) OVER (ORDER BY c.ordinal), 0) AS due
    FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, provider text, model_alias text, provider_model text,
      request_id text, generation_id text, fresh_tokens bigint, cached_tokens bigint, output_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, oe_hundredths bigint, multiplier_milli int,
      credit_units bigint, cost_usd_pico bigint, latency_ms int, status text, http_status int, finish_reason text,
      is_estimated boolean, is_charged boolean)
  ), priced AS (
    SELECT m.*, CASE WHEN m.is_charged THEN greatest(0,
      least(m.credit_units, p_most - (m.due - m.credit_units)))::bigint ELSE 0 END AS charged_units
    FROM made m
  ), booked AS (
    INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key,
      purpose, provider, model_alias, provider_model, request_id, generation_id, fresh_tokens, cached_tokens,
      output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths, multiplier_milli, pricing_version,
      credit_units, charged_units, cost_usd_pico, latency_ms, status, http_status, finish_reason, is_estimated,
      created_at)
    SELECT c.id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_token, c.ordinal,
      p_step.agent_key, p_step.purpose, c.provider, c.model_alias, c.provider_model, c.request_id, c.generation_id,
      c.fresh_tokens, c.cached_tokens, c.output_tokens, c.cache_write_tokens, c.reasoning_tokens, c.oe_hundredths,
      c.multiplier_milli, p_turn.plan->>'pricing_version', c.credit_units, c.charged_units, c.cost_usd_pico,
      c.latency_ms, c.status, c.http_status, c.finish_reason, c.is_estimated, pantheon_now()
    FROM priced c
  )
  SELECT coalesce(sum(p.credit_units), 0)::bigint, coalesce(sum(p.charged_units), 0)::bigint,
    coalesce(sum(p.credit_units) FILTER (WHERE NOT p.is_charged), 0)::bigint FROM priced p
$$;
