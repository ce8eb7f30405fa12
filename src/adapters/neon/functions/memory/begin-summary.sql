-- A summary is a turn of its own beside the conversation: at most one at a time, none that cannot be paid for, and
-- none decided on a history that was summed up since: the insert waits for the summary before it to end.
CREATE OR REPLACE FUNCTION pantheon_begin_summary(p_session uuid, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_turn turns%ROWTYPE;
  refusal jsonb;
  refused_with text;
BEGIN
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    pending_steps, total_steps, created_at, updated_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.room_id, s.id,
    (SELECT least(min(t.turn_index), 0) - 1 FROM turns t WHERE t.session_id = s.id), 'queued', false, 'summary', 1,
    p->'plan', '{}', 1, 1, coalesce((p->>'created_at')::timestamptz, pantheon_now()), pantheon_now()
  FROM sessions s WHERE s.id = p_session AND s.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING * INTO v_turn;
  IF v_turn.id IS NULL THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id',
      (SELECT t.id FROM turns t WHERE t.session_id = p_session AND t.mode = 'summary' AND t.finished_at IS NULL));
  END IF;
  IF coalesce((SELECT s.through_turn_index FROM session_summaries s WHERE s.session_id = p_session
    ORDER BY s.version DESC LIMIT 1), 0)
    <> (p->>'covered_through_turn_index')::int THEN
    RAISE EXCEPTION 'another summary was written since this one was decided on' USING ERRCODE = 'PT409';
  END IF;
  PERFORM pantheon_add_steps(v_turn, jsonb_build_array(p->'step'));
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_turn.session_id, 'turn_index', v_turn.turn_index, 'mode', 'summary'));
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the summary cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  PERFORM pantheon_post_step((p->'step'->>'id')::uuid, 0);
  RETURN jsonb_build_object('kind', 'begun', 'turn_index', v_turn.turn_index,
    'outbox', pantheon_outbox_of_transaction());
EXCEPTION WHEN SQLSTATE 'PT409' THEN
  RETURN jsonb_build_object('kind', 'stale');
WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
