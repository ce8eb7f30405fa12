-- What later steps may see of this turn: the user's message and the outcomes of the steps named.
CREATE FUNCTION pantheon_turn_messages(p_turn uuid, p_sees int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'author', m.author, 'agent_key', m.agent_key,
    'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text, 'tokens', m.tokens, 'is_pinned', m.is_pinned) ORDER BY m.position), '[]')
  FROM messages m WHERE m.turn_id = p_turn AND (m.position = 0 OR m.position - 1 = ANY (p_sees))
$$;
--> statement-breakpoint
-- A step's end, whoever decides it: those that waited for it may go, and the last one closes the turn.
-- Counters are read from the rows as updated here, so that siblings that end together cannot both miss the join.
CREATE FUNCTION pantheon_end_step(p_step uuid, p_status text, p_error jsonb, p_message jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  agent jsonb;
BEGIN
  UPDATE turn_steps SET status = p_status, error = p_error, finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p_message->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (p_status = 'failed')::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT a INTO agent FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, error_type, text, tokens, created_at)
  VALUES ((p_message->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index, ended.step_index + 1,
    CASE p_status WHEN 'done' THEN 'agent' ELSE 'failed_agent' END, ended.agent_key, agent->>'name', p_error->>'type',
    p_message->>'text', (p_message->>'tokens')::int, pantheon_now());
  IF p_status = 'done' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key,
      'agent_name', agent->>'name', 'round', ended.round, 'message_id', p_message->>'id', 'text', p_message->>'text'));
  ELSE
    PERFORM pantheon_emit(of_turn.id, 'step.failed', jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key,
      'agent_name', agent->>'name', 'round', ended.round, 'error', p_error));
  END IF;
  UPDATE turn_steps SET waiting_on = waiting_on - 1 WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  IF of_turn.pending_steps = 0 THEN
    PERFORM pantheon_close_turn(of_turn.id, CASE of_turn.failed_steps WHEN 0 THEN 'completed' WHEN of_turn.total_steps THEN 'failed' ELSE 'partial' END, true);
  END IF;
END $$;
--> statement-breakpoint
-- A holder that never came back: its attempt is counted, and booked to the platform.
CREATE FUNCTION pantheon_book_lost_attempt(p_turn turns, p_step turn_steps, p_id uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider, model_alias,
    provider_model, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths, multiplier_milli,
    pricing_version, credit_units, status, is_estimated, created_at)
  SELECT p_id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_step.token, 0, p_step.agent_key, p_step.purpose,
    'openrouter', a->>'model_alias', a->>'provider_model', 0, 0, 0, 0, 0, 0, (a->>'multiplier_milli')::int, p_turn.plan->>'pricing_version', 0,
    'lost', true, pantheon_now()
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a WHERE a->>'key' = p_step.agent_key
  ON CONFLICT (step_id, attempt, ordinal) DO NOTHING
$$;
--> statement-breakpoint
-- Locks the turn, then the step, always in this order; decides by the database's clock who may run.
CREATE FUNCTION pantheon_claim_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  now_at timestamptz := pantheon_now();
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  -- A sweep may have written a letter for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id; END IF;
  IF pantheon_is_over(t.status) THEN RETURN jsonb_build_object('kind', 'over', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN RETURN jsonb_build_object('kind', 'finished', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status = 'waiting' OR NOT t.is_active OR t.status = 'paused' THEN RETURN jsonb_build_object('kind', 'not_ready'); END IF;
  IF greatest(s.lease_until, s.not_before) > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds', ceil(extract(epoch FROM greatest(s.lease_until, s.not_before) - now_at)));
  END IF;
  DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  IF s.status = 'running' THEN
    PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);
    s.lost_attempts := s.lost_attempts + 1;
  END IF;
  IF s.attempts >= (p->>'max_attempts')::int THEN
    PERFORM pantheon_end_step(s.id, 'failed', jsonb_build_object('type', 'attempts_exhausted', 'message', p->>'exhausted_message'),
      jsonb_build_object('id', p->>'failure_message_id', 'text', p->>'exhausted_message', 'tokens', 16));
    RETURN jsonb_build_object('kind', 'exhausted', 'letters', pantheon_posted_here());
  END IF;
  UPDATE turn_steps SET status = 'running', token = s.token + 1, attempts = s.attempts + 1, lost_attempts = s.lost_attempts, not_before = NULL,
    lease_until = now_at + make_interval(secs => (p->>'lease_seconds')::int), started_at = coalesce(s.started_at, now_at)
  WHERE id = s.id;
  IF t.status = 'queued' THEN
    UPDATE turns SET status = 'running', started_at = now_at WHERE id = t.id;
    PERFORM pantheon_emit(t.id, 'turn.started', '{}');
  END IF;
  IF s.started_at IS NULL THEN
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'round', s.round));
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'token', s.token + 1, 'owner_id', t.owner_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose, 'round', s.round,
      'waited_seconds', s.waited_seconds, 'attempts', s.attempts + 1),
    'checkpoint', s.checkpoint, 'messages', pantheon_turn_messages(t.id, s.sees),
    'history', pantheon_history(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int));
END $$;
