-- The session goes to the turn that waited longest. A turn that was cancelled while this waited for its lock
-- is passed over.
CREATE OR REPLACE FUNCTION pantheon_activate_next(p_session uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_turn uuid;
BEGIN
  LOOP
    SELECT id INTO next_turn FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active
      AND turn_index > 0
      ORDER BY turn_index LIMIT 1 FOR NO KEY UPDATE;
    EXIT WHEN next_turn IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active AND turn_index > 0);
  END LOOP;
  IF next_turn IS NULL THEN RETURN; END IF;
  UPDATE turns SET is_active = true WHERE id = next_turn;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = next_turn AND s.status = 'ready';
END $$;
