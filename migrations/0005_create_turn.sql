-- Counts one more turn of this user, unless a limit is reached; the row's lock makes the count exact.
CREATE FUNCTION pantheon_take_turn_slot(p_per_minute int, p_per_hour int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  rate turn_rates%ROWTYPE;
  now_at timestamptz := pantheon_now();
  is_free boolean;
BEGIN
  INSERT INTO turn_rates (owner_id, minute_started_at, minute_count, hour_started_at, hour_count)
    VALUES (pantheon_user_id(), now_at, 0, now_at, 0) ON CONFLICT DO NOTHING;
  SELECT * INTO rate FROM turn_rates WHERE owner_id = pantheon_user_id() FOR NO KEY UPDATE;
  IF rate.minute_started_at <= now_at - interval '1 minute' THEN rate.minute_started_at := now_at; rate.minute_count := 0; END IF;
  IF rate.hour_started_at <= now_at - interval '1 hour' THEN rate.hour_started_at := now_at; rate.hour_count := 0; END IF;
  is_free := rate.minute_count < p_per_minute AND rate.hour_count < p_per_hour;
  IF is_free THEN
    UPDATE turn_rates SET minute_started_at = rate.minute_started_at, minute_count = rate.minute_count + 1,
      hour_started_at = rate.hour_started_at, hour_count = rate.hour_count + 1
    WHERE owner_id = pantheon_user_id() RETURNING * INTO rate;
  END IF;
  RETURN jsonb_build_object('is_free', is_free,
    'minute_count', rate.minute_count, 'minute_resets_in', ceil(extract(epoch FROM rate.minute_started_at + interval '1 minute' - now_at)),
    'hour_count', rate.hour_count, 'hour_resets_in', ceil(extract(epoch FROM rate.hour_started_at + interval '1 hour' - now_at)));
END $$;
--> statement-breakpoint
-- The turn that holds the session, locked; null when none does. Looks again when the one it waited for has just ended.
CREATE FUNCTION pantheon_lock_active_turn(p_session uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  active uuid;
BEGIN
  LOOP
    SELECT id INTO active FROM turns WHERE session_id = p_session AND is_active FOR NO KEY UPDATE;
    IF active IS NOT NULL OR NOT EXISTS (SELECT 1 FROM turns WHERE session_id = p_session AND is_active) THEN RETURN active; END IF;
  END LOOP;
END $$;
--> statement-breakpoint
-- The fenced write of a new turn: session, limits, place, plan, first message, steps, audit, log, outbox and kept answer.
CREATE FUNCTION pantheon_create_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_session sessions%ROWTYPE;
  v_turn uuid := p->>'id';
  active uuid;
  slot jsonb;
  is_refused boolean := p->>'status' = 'failed';
BEGIN
  SELECT * INTO v_session FROM sessions WHERE id = (p->>'session_id')::uuid AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN RETURN jsonb_build_object('kind', 'busy', 'turn_id', active); END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, error,
    pending_steps, total_steps, created_at, updated_at, finished_at)
  VALUES (v_turn, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status', active IS NULL AND NOT is_refused,
    p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata', p->'error', CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END);
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, NOT is_refused, (p->>'created_at')::timestamptz);
  INSERT INTO turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens,
    created_at, updated_at, finished_at)
  SELECT s.id, v_session.owner_id, v_turn, s.step_index, s.purpose, s.agent_key, s.round,
    CASE WHEN is_refused THEN 'cancelled' WHEN s.waiting_on = 0 THEN 'ready' ELSE 'waiting' END, s.waiting_on, s.unblocks, s.sees,
    s.window_tokens, (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END
  FROM jsonb_to_recordset(p->'steps') AS s(id uuid, step_index int, purpose text, agent_key text, round int, waiting_on int,
    unblocks int[], sees int[], window_tokens int);
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
  SELECT a.id, v_session.owner_id, v_turn, a.step_index, a.agent_key, 0, a.audit, (p->>'created_at')::timestamptz
  FROM jsonb_to_recordset(p->'audits') AS a(id uuid, step_index int, agent_key text, audit jsonb);
  PERFORM pantheon_emit(v_turn, 'turn.created', jsonb_build_object('session_id', v_session.id, 'turn_index', v_session.turn_count, 'mode', p->>'mode'));
  IF is_refused THEN PERFORM pantheon_emit(v_turn, 'turn.failed', jsonb_build_object('status', 'failed', 'error', p->'error')); END IF;
  IF active IS NULL AND NOT is_refused THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = v_turn AND s.status = 'ready';
  END IF;
  IF p->'reply' <> 'null'::jsonb THEN
    INSERT INTO idempotency_keys (owner_id, key, fingerprint, status, headers, body, expires_at)
    VALUES (v_session.owner_id, p->'reply'->>'key', p->'reply'->>'fingerprint', (p->'reply'->>'status')::int, p->'reply'->'headers',
      (p->'reply'->>'body_before_index') || v_session.turn_count || (p->'reply'->>'body_after_index'), (p->'reply'->>'expires_at')::timestamptz);
  END IF;
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'slot', slot, 'letters', pantheon_posted_here());
END $$;
