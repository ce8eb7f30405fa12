-- The answer holds the outbox rows of the turn, and of the turn that it may have handed its session on to.
CREATE OR REPLACE FUNCTION pantheon_outbox_of_turn(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_outbox_message(o)), '[]') FROM outbox o
  WHERE o.turn_id IN (p_turn, (SELECT a.id FROM turns a
    WHERE a.is_active AND a.session_id = (SELECT t.session_id FROM turns t WHERE t.id = p_turn)))
$$;
