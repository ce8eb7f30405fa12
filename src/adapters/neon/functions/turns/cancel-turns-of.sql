-- The open turns of sessions that are deleted are cancelled in the same transaction.
CREATE OR REPLACE FUNCTION pantheon_cancel_turns_of(p_sessions uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_turn uuid;
BEGIN
  -- All of them are locked before the first one's money is.
  PERFORM 1 FROM turns WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id
    FOR NO KEY UPDATE;
  FOR open_turn IN SELECT id FROM turns
    WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id
  LOOP
    PERFORM pantheon_cancel_turn(open_turn, false);
  END LOOP;
END $$;
