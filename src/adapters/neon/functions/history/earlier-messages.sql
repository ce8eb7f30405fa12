-- The newest messages before a window come as far as the agent may see them, at most 400.
CREATE OR REPLACE FUNCTION pantheon_earlier_messages(p_session uuid, p_before_index int, p_agent_key text) RETURNS jsonb
LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('agent_key', e.agent_key, 'text', e.text)
    ORDER BY e.turn_index, e.position), '[]') FROM (
    SELECT m.turn_index, m.position, m.agent_key, left(m.text, 2000) AS text FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history AND NOT m.is_pinned
      AND (m.private_to IS NULL OR m.private_to = p_agent_key)
    ORDER BY m.turn_index DESC, m.position DESC LIMIT 400) AS e
$$;
