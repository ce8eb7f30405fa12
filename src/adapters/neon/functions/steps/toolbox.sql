-- An agent with tools gets the servers it may call, the register's entries and the turn's time; others get null.
CREATE OR REPLACE FUNCTION pantheon_toolbox(p_turn turns, p_step turn_steps, p_window jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decisions', coalesce(p_step.approvals, '[]'),
    'began_at', to_char(p_turn.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'servers', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', v.name, 'url', v.url,
        'authorization', v.authorization, 'requires_approval', v.requires_approval) ORDER BY v.name), '[]')
      FROM tool_servers v WHERE v.room_id = p_turn.room_id AND v.deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(a->'tools') AS n
          WHERE starts_with(lower(n), lower(v.name) || '/'))),
    'entries', CASE WHEN a->'tools' @> '["search_memory"]' THEN (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'text', e.text, 'author_key', e.author_key)
        ORDER BY e.id), '[]')
      FROM (
        SELECT r.id, r.kind, r.text, r.author_key FROM register_entries r
        WHERE r.session_id = p_turn.session_id AND r.status <> 'superseded'
        ORDER BY r.id DESC LIMIT 500) AS e) ELSE '[]' END,
    'earlier', CASE WHEN a->'tools' @> '["search_memory"]'
      THEN pantheon_earlier_messages(p_turn.session_id, (p_window->>'reads_from_turn_index')::int, p_step.agent_key)
      ELSE '[]' END)
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a
  WHERE p_step.purpose = 'agent' AND a->>'key' = p_step.agent_key AND jsonb_array_length(coalesce(a->'tools', '[]')) > 0
$$;
