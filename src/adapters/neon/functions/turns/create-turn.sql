-- A new turn is written whole or not at all: session, limits, place, plan, first message, steps, audit, log, holds,
-- outbox and stored result.
CREATE OR REPLACE FUNCTION pantheon_create_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_session sessions%ROWTYPE;
  v_turn turns%ROWTYPE;
  active uuid;
  slot jsonb;
  refusal jsonb;
  v_callback uuid;
  interrupted jsonb := '[]';
  refused_with text;
  is_refused boolean := p->>'status' = 'failed';
BEGIN
  SELECT * INTO v_session FROM sessions WHERE id = (p->>'session_id')::uuid AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF p->>'callback_url' IS NOT NULL THEN
    SELECT e.id INTO v_callback FROM webhook_endpoints e
      WHERE e.owner_id = v_session.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND starts_with(e.url || '/', (p->>'callback_origin') || '/') ORDER BY e.id LIMIT 1;
    IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'no_endpoint'); END IF;
  END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id', active);
  END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    interrupted := jsonb_build_array(active);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    budget_units, callback_url, callback_endpoint_id, error, pending_steps, total_steps, created_at, updated_at,
    finished_at)
  VALUES ((p->>'id')::uuid, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status',
    active IS NULL AND NOT is_refused, p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata',
    (p->>'budget_units')::bigint, p->>'callback_url', v_callback, p->'error',
    CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END)
  RETURNING * INTO v_turn;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, token_class,
    is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn.id, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', NOT is_refused,
      (p->>'created_at')::timestamptz);
  PERFORM pantheon_add_steps(v_turn, p->'steps');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
  SELECT a.id, v_session.owner_id, v_turn.id, a.step_index, a.agent_key, 0, a.audit, (p->>'created_at')::timestamptz
  FROM jsonb_to_recordset(p->'audits') AS a(id uuid, step_index int, agent_key text, audit jsonb);
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_session.id, 'turn_index', v_session.turn_count, 'mode', p->>'mode'));
  IF is_refused THEN
    PERFORM pantheon_emit(v_turn.id, 'turn.failed', jsonb_build_object('status', 'failed', 'error', p->'error'));
  END IF;
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  IF active IS NULL AND NOT is_refused THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = v_turn.id AND s.status = 'ready';
  END IF;
  IF p->'result' <> 'null'::jsonb THEN
    INSERT INTO idempotency_keys (owner_id, key, fingerprint, operation, value, turn_index, expires_at)
    VALUES (v_session.owner_id, p->'result'->>'key', p->'result'->>'fingerprint', p->'result'->>'operation',
      (p->'result'->>'value')::json, v_session.turn_count, (p->'result'->>'expires_at')::timestamptz);
  END IF;
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'interrupted', interrupted,
    'slot', slot, 'outbox', pantheon_outbox_of_transaction());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  -- All of it is undone, an interrupted turn and the counted slot too.
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
