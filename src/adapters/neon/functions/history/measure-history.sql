-- A new turn finds so much: the most tokens of summary, pinned and uncovered messages, and an estimate of the
-- uncovered ones. Nothing is counted beyond what a model can read or a step is given.
CREATE OR REPLACE FUNCTION pantheon_measure_history(p_session uuid, p_most int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary session_summaries%ROWTYPE;
  covered int;
  bound bigint;
  uncovered bigint := 0;
  uncovered_turns int := 0;
  uncovered_messages int := 0;
  longest int := 0;
  turns_read int := 0;
  of_index int;
BEGIN
  SELECT * INTO summary FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  covered := coalesce(summary.through_turn_index, 0);
  bound := coalesce(summary.bound_tokens, 0);
  FOR said IN SELECT m.turn_index, m.tokens, m.bound_tokens FROM messages m
    WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index IS DISTINCT FROM of_index THEN
      EXIT WHEN turns_read >= p_recent_turns AND (said.turn_index <= covered OR uncovered >= p_most
        OR uncovered_messages > 4000);
      of_index := said.turn_index;
      turns_read := turns_read + 1;
      uncovered_turns := uncovered_turns + (said.turn_index > covered)::int;
    END IF;
    bound := bound + said.bound_tokens;
    IF said.turn_index > covered THEN
      uncovered := uncovered + said.tokens;
      uncovered_messages := uncovered_messages + 1;
      longest := greatest(longest, said.bound_tokens);
    END IF;
  END LOOP;
  SELECT bound + coalesce(sum(m.bound_tokens), 0) INTO bound FROM messages m
    WHERE m.session_id = p_session AND m.is_pinned AND m.is_in_history AND m.turn_index < of_index;
  RETURN jsonb_build_object('boundTokens', least(bound, 1000000000), 'unsummarizedTokens', least(uncovered, 1000000000),
    'unsummarizedTurns', uncovered_turns, 'unsummarizedMessages', uncovered_messages, 'longestBoundTokens', longest);
END $$;
