-- A step sees the user's message of its turn and the outcomes of the steps named.
CREATE OR REPLACE FUNCTION pantheon_turn_messages(p_turn uuid, p_sees int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_message_json(m) ORDER BY m.position), '[]')
  FROM messages m WHERE m.turn_id = p_turn AND (m.position = 0 OR m.position - 1 = ANY (p_sees))
$$;
