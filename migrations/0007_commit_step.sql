CREATE FUNCTION pantheon_record_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider, model_alias,
    provider_model, request_id, generation_id, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths,
    multiplier_milli, pricing_version, credit_units, cost_usd_pico, latency_ms, status, http_status, finish_reason, is_estimated, created_at)
  SELECT c.id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_token, c.ordinal, p_step.agent_key, p_step.purpose,
    c.provider, c.model_alias, c.provider_model, c.request_id, c.generation_id, c.fresh_tokens, c.cached_tokens, c.output_tokens,
    c.cache_write_tokens, c.reasoning_tokens, c.oe_hundredths, c.multiplier_milli, p_turn.plan->>'pricing_version', c.credit_units,
    c.cost_usd_pico, c.latency_ms, c.status, c.http_status, c.finish_reason, c.is_estimated, pantheon_now()
  FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, provider text, model_alias text, provider_model text, request_id text,
    generation_id text, fresh_tokens bigint, cached_tokens bigint, output_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
    oe_hundredths bigint, multiplier_milli int, credit_units bigint, cost_usd_pico bigint, latency_ms int, status text, http_status int,
    finish_reason text, is_estimated boolean)
  ON CONFLICT (step_id, attempt, ordinal) DO NOTHING
$$;
--> statement-breakpoint
-- Fenced by the token of the claim. Sent again after a lost answer it finds itself done and changes nothing.
CREATE FUNCTION pantheon_commit_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  v_token int := p->>'token';
  wait_seconds int := p->>'retry_after_seconds';
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL OR s.token <> v_token THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF s.status = 'cancelled' THEN
    PERFORM pantheon_record_calls(t, s, v_token, p->'calls');
    RETURN jsonb_build_object('kind', 'cancelled');
  END IF;
  IF s.status <> 'running' THEN RETURN jsonb_build_object('kind', 'already', 'letters', pantheon_still_posted(t.id)); END IF;
  PERFORM pantheon_record_calls(t, s, v_token, p->'calls');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
    VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
    ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p->>'outcome', nullif(p->'error', 'null'::jsonb), p->'message');
  ELSIF p->>'outcome' = 'continue' THEN
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, 0);
  ELSE
    -- Back to the queue, which brings the same message again; the letter is only for the case that it does not.
    UPDATE turn_steps SET status = 'ready', lease_until = NULL, not_before = pantheon_now() + make_interval(secs => wait_seconds),
      waited_seconds = waited_seconds + wait_seconds, attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    RETURN jsonb_build_object('kind', 'committed', 'letters', '[]'::jsonb);
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
