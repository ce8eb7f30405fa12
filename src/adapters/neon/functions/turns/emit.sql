-- Events of a turn are numbered without gap or double: the update locks the turn's row.
-- The event's deliveries are written with it.
CREATE OR REPLACE FUNCTION pantheon_emit(p_turn uuid, p_type text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  UPDATE turns SET last_seq = last_seq + 1 WHERE id = p_turn RETURNING * INTO t;
  INSERT INTO turn_events (turn_id, seq, owner_id, type, data, created_at)
    VALUES (p_turn, t.last_seq, t.owner_id, p_type, p_data, pantheon_now());
  PERFORM pantheon_deliver_event(t, p_type);
END $$;
