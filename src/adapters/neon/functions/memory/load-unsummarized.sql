-- A summary is made from the version before it, the register, and the messages after the place where that one stopped,
-- as many as p_characters take with 48 for each one's frame, and none of a turn after one that is not over.
CREATE OR REPLACE FUNCTION pantheon_load_unsummarized(p_session uuid, p_through int, p_characters int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  previous session_summaries%ROWTYPE;
  said record;
  from_index int;
  from_position int;
  through_index int := 0;
  through_position int := 0;
  left_over int := p_characters;
  has_more boolean := false;
  last_index int := least(p_through,
    (SELECT t.turn_index - 1 FROM turns t WHERE t.session_id = p_session AND t.is_active),
    (SELECT min(t.turn_index) - 1 FROM turns t
      WHERE t.session_id = p_session AND t.status = 'queued' AND NOT t.is_active AND t.turn_index > 0));
BEGIN
  SELECT * INTO previous FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  from_index := coalesce((previous.cursor->>'turn_index')::int, previous.through_turn_index + 1, 1);
  from_position := coalesce((previous.cursor->>'position')::int, 0);
  FOR said IN SELECT m.turn_index, m.position, char_length(m.text) AS length FROM messages m
    WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
      AND m.turn_index <= last_index AND m.is_in_history AND m.private_to IS NULL
    ORDER BY m.turn_index, m.position
  LOOP
    IF left_over <= 0 THEN
      has_more := true;
      EXIT;
    END IF;
    left_over := left_over - 48 - said.length + CASE WHEN (said.turn_index, said.position) = (from_index, from_position)
      THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END;
    through_index := said.turn_index;
    through_position := said.position;
  END LOOP;
  RETURN jsonb_build_object('previous', CASE WHEN previous.id IS NOT NULL THEN to_jsonb(previous) END,
    'has_more', has_more, 'through_turn_index', last_index,
    'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index,
        'position', m.position, 'author', m.author, 'agent_key', m.agent_key, 'agent_name', m.agent_name,
        'error_type', m.error_type, 'length', char_length(m.text), 'from_offset', skipped.by,
        'text', substr(m.text, skipped.by + 1, p_characters)) ORDER BY m.turn_index, m.position), '[]')
      FROM messages m CROSS JOIN LATERAL (SELECT CASE WHEN (m.turn_index, m.position) = (from_index, from_position)
        THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END AS by) AS skipped
      WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
        AND (m.turn_index, m.position) <= (through_index, through_position)
        AND m.is_in_history AND m.private_to IS NULL),
    'entries', pantheon_open_entries(p_session),
    'open_counts', coalesce(previous.open_counts, pantheon_count_open(p_session)));
END $$;
