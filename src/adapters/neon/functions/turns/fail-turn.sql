-- A message that no delivery can ever carry out ends its turn, if there is one, and says why.
CREATE OR REPLACE FUNCTION pantheon_fail_turn(p_turn uuid, p_error jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN '[]'; END IF;
  UPDATE turns SET error = p_error WHERE id = p_turn;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'failed', true);
  PERFORM pantheon_release(p_turn);
  RETURN pantheon_outbox_of_transaction();
END $$;
