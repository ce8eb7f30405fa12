-- A failed turn's error is that of its first failed agent and, where several failed, how many.
-- The message has at most 500 characters.
CREATE OR REPLACE FUNCTION pantheon_failure_of(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('type', f.type,
    'message', CASE WHEN length(f.told) > 500 THEN left(f.told, 499) || '…' ELSE f.told END)
  FROM (
    SELECT s.error->>'type' AS type, CASE WHEN a.agents > 1
      THEN format('All %s agents failed; %s: %s', a.agents, s.agent_key, s.error->>'message')
        ELSE s.error->>'message' END AS told
    FROM turn_steps s CROSS JOIN (SELECT count(DISTINCT o.agent_key) AS agents FROM turn_steps o
      WHERE o.turn_id = p_turn AND o.status = 'failed' AND o.purpose = 'agent') AS a
    WHERE s.turn_id = p_turn AND s.status = 'failed' ORDER BY s.purpose <> 'agent', s.step_index LIMIT 1
  ) AS f
$$;
