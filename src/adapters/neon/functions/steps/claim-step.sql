-- A claim locks the turn, then the step, always in this order; the database's clock decides who may run.
CREATE OR REPLACE FUNCTION pantheon_claim_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  now_at timestamptz := pantheon_now();
  v_window jsonb;
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  -- A sweep may have written an outbox row for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  END IF;
  IF pantheon_is_over(t.status) THEN
    RETURN jsonb_build_object('kind', 'over', 'outbox', pantheon_outbox_of_turn(t.id));
  END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    RETURN jsonb_build_object('kind', 'finished', 'outbox', pantheon_outbox_of_turn(t.id));
  END IF;
  IF s.status IN ('waiting', 'awaiting') OR NOT (t.is_active OR t.mode = 'summary') OR t.status = 'paused' THEN
    RETURN jsonb_build_object('kind', 'not_ready');
  END IF;
  IF greatest(s.lease_until, s.not_before) > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds',
      ceil(extract(epoch FROM greatest(s.lease_until, s.not_before) - now_at)));
  END IF;
  DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  -- A holder that came to give the step up made no call.
  IF s.status = 'running' AND s.attempts <= (p->>'max_attempts')::int THEN
    PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);
    s.lost_attempts := s.lost_attempts + 1;
  END IF;
  UPDATE turn_steps SET status = 'running', token = s.token + 1, attempts = s.attempts + 1,
    lost_attempts = s.lost_attempts, not_before = NULL,
    lease_until = now_at + make_interval(secs => (p->>'lease_seconds')::int),
    started_at = coalesce(s.started_at, now_at)
  WHERE id = s.id;
  IF t.status = 'queued' THEN
    UPDATE turns SET status = 'running', started_at = now_at WHERE id = t.id;
    PERFORM pantheon_emit(t.id, 'turn.started', '{}');
  END IF;
  IF s.started_at IS NULL THEN
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key,
      'round', s.round, 'purpose', s.purpose));
  END IF;
  IF s.purpose <> 'summarize' THEN
    v_window := pantheon_window(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int);
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'outbox', pantheon_outbox_of_transaction(), 'token', s.token + 1,
    'owner_id', t.owner_id, 'session_id', t.session_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose,
      'round', s.round, 'sees', s.sees, 'instruction', s.instruction, 'waited_seconds', s.waited_seconds,
      'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint)
    || CASE s.purpose WHEN 'summarize' THEN jsonb_build_object('unsummarized',
      pantheon_load_unsummarized(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 4 * s.window_tokens))
    ELSE jsonb_build_object('messages', pantheon_turn_messages(t.id, s.sees),
      'window', v_window,
      'steps', (SELECT jsonb_agg(jsonb_build_object('index', o.step_index, 'purpose', o.purpose,
        'agent_key', o.agent_key, 'round', o.round, 'status', o.status, 'result', o.result) ORDER BY o.step_index)
        FROM turn_steps o WHERE o.turn_id = t.id),
      'toolbox', pantheon_toolbox(t, s, v_window)) END;
END $$;
