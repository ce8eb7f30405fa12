-- The summary in force is the newest version, as prompts take it.
CREATE OR REPLACE FUNCTION pantheon_summary_in_force(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', s.id, 'version', s.version, 'through_turn_index', s.through_turn_index,
    'made_at_turn_index', s.made_at_turn_index, 'cursor', s.cursor, 'rendered', s.rendered, 'tokens', s.tokens,
    'token_class', s.token_class)
  FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1
$$;
