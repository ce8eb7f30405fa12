-- A turn that ends hands the session on only if it holds it, and one that fails says why.
-- The caller has locked the turn.
CREATE OR REPLACE FUNCTION pantheon_close_turn(p_turn uuid, p_status text, p_hands_on boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn;
  IF p_status = 'failed' AND jsonb_typeof(t.error) IS DISTINCT FROM 'object' THEN
    t.error := pantheon_failure_of(p_turn);
  END IF;
  UPDATE turns SET status = p_status, error = t.error, is_active = false, pause = NULL, pending_steps = 0,
    finished_at = pantheon_now() WHERE id = p_turn;
  DELETE FROM outbox WHERE turn_id = p_turn AND kind = 'step';
  PERFORM pantheon_emit(p_turn, 'turn.' || p_status, jsonb_build_object('status', p_status)
    || CASE jsonb_typeof(t.error) WHEN 'object' THEN jsonb_build_object('error', t.error) ELSE '{}' END);
  IF p_hands_on AND t.is_active THEN PERFORM pantheon_activate_next(t.session_id); END IF;
END $$;
