-- Steps planned on the way begin once all steps before them have ended, unless the turn ended with those.
-- A turn that cannot hold for them pauses.
CREATE OR REPLACE FUNCTION pantheon_add_planned_steps(p_turn uuid, p_next jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  refusal jsonb;
BEGIN
  UPDATE turns SET pending_steps = jsonb_array_length(p_next), total_steps = total_steps + jsonb_array_length(p_next)
    WHERE id = p_turn AND pending_steps = 0 AND NOT pantheon_is_over(status) RETURNING * INTO t;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM pantheon_add_steps(t, p_next);
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NULL THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  ELSE
    UPDATE turns SET status = 'paused', pause = refusal WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', refusal));
  END IF;
END $$;
