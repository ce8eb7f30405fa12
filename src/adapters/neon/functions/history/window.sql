-- A window holds the summary, what is pinned, the recent turns, and the newest whole turns that fit p_tokens.
-- The walk back along the index stops where the window is full, so a long session costs no more to read.
CREATE OR REPLACE FUNCTION pantheon_window(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary jsonb := pantheon_summary_in_force(p_session);
  covered int := coalesce((summary->>'through_turn_index')::int, 0);
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  messages_read int := 0;
  after_index int := 0;
BEGIN
  -- Without a sort the index gives the order, so that reading stops where the window ends. A refused turn is no recent
  -- one.
  FOR said IN SELECT m.turn_index, m.tokens FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index < of_index THEN
      of_index := said.turn_index;
      turns_read := turns_read + 1;
    END IF;
    running := running + said.tokens + 1;
    messages_read := messages_read + 1;
    IF turns_read > p_recent_turns AND (running > p_tokens OR messages_read > 4000 OR said.turn_index <= covered) THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('summary', summary, 'reads_from_turn_index', after_index + 1, 'messages', (
    SELECT coalesce(jsonb_agg(said_row.said ORDER BY said_row.turn_index, said_row.position), '[]') FROM (
      SELECT pantheon_message_json(m) AS said, m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index <= after_index AND m.is_pinned AND m.is_in_history
      UNION ALL
      SELECT pantheon_message_json(m), m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index
        AND m.is_in_history
    ) AS said_row));
END $$;
