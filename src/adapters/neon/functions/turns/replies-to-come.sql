-- Replies that open turns of the session may still add are counted from the one that holds it and those that wait,
-- each found by an index that holds only such turns.
CREATE OR REPLACE FUNCTION pantheon_replies_to_come(p_session uuid) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(greatest(0, coalesce((t.plan->>'most_replies')::int, t.total_steps)
    - (SELECT count(*) FROM messages m WHERE m.turn_id = t.id AND m.position > 0))), 0)::int
  FROM (SELECT a.id, a.plan, a.total_steps FROM turns a WHERE a.session_id = p_session AND a.is_active
    UNION ALL SELECT q.id, q.plan, q.total_steps FROM turns q
      WHERE q.session_id = p_session AND q.status = 'queued' AND NOT q.is_active) AS t
$$;
