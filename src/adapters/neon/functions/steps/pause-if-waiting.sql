-- A turn in which nothing can move before a person decides is paused, and says what it waits for.
CREATE OR REPLACE FUNCTION pantheon_pause_if_waiting(p_turn uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  asked jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = p_turn AND s.status IN ('ready', 'running')) THEN
    RETURN;
  END IF;
  SELECT jsonb_build_object('code', 'approval_required', 'approvals',
    jsonb_agg(jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'id', c->>'id', 'tool', c->>'tool',
    'arguments', c->'arguments') ORDER BY s.step_index)) INTO asked
  FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
  WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'decision' IS NULL HAVING count(*) > 0;
  IF asked IS NULL THEN RETURN; END IF;
  UPDATE turns SET status = 'paused', pause = asked WHERE id = p_turn AND status = 'running';
  IF FOUND THEN
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', asked));
  END IF;
END $$;
