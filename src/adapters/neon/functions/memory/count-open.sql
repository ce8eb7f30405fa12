-- Open entries are counted for a session whose summary was written before it kept the counts.
CREATE OR REPLACE FUNCTION pantheon_count_open(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decision', count(*) FILTER (WHERE r.kind = 'decision'),
    'question', count(*) FILTER (WHERE r.kind = 'question'), 'action', count(*) FILTER (WHERE r.kind = 'action'),
    'fact', count(*) FILTER (WHERE r.kind = 'fact'))
  FROM register_entries r WHERE r.session_id = p_session AND r.status = 'open'
$$;
