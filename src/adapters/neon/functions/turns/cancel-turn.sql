-- A cancelled turn is over at once; a call under way finds out when it commits. The answer is the status before.
CREATE OR REPLACE FUNCTION pantheon_cancel_turn(p_turn uuid, p_hands_on boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN before; END IF;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'cancelled', p_hands_on);
  PERFORM pantheon_release(p_turn);
  RETURN before;
END $$;
