-- Decisions on tool calls are taken all or none. A step whose calls are all decided on may go on, and its turn with it.
CREATE OR REPLACE FUNCTION pantheon_decide_tool_calls(p_turn uuid, p_decisions jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  before text;
  unknown text;
  is_moving boolean;
BEGIN
  SELECT t.status INTO before FROM turns t JOIN sessions s ON s.id = t.session_id
    WHERE t.id = p_turn AND s.deleted_at IS NULL FOR NO KEY UPDATE OF t;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  SELECT d.id INTO unknown FROM jsonb_to_recordset(p_decisions) AS d(id text, decision text)
    WHERE NOT EXISTS (SELECT 1 FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
      WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'id' = d.id
        AND coalesce(c->>'decision', d.decision) = d.decision) LIMIT 1;
  IF unknown IS NOT NULL THEN RETURN jsonb_build_object('kind', 'unknown', 'id', unknown); END IF;
  UPDATE turn_steps s SET approvals = (
      SELECT jsonb_agg(c || CASE WHEN d.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('decision', d.decision) END)
      FROM jsonb_array_elements(s.approvals) AS c
        LEFT JOIN jsonb_to_recordset(p_decisions) AS d(id text, decision text) ON d.id = c->>'id')
    WHERE s.turn_id = p_turn AND s.status = 'awaiting';
  UPDATE turn_steps s SET status = 'ready' WHERE s.turn_id = p_turn AND s.status = 'awaiting'
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(s.approvals) AS c WHERE c->>'decision' IS NULL);
  is_moving := FOUND;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = p_turn AND s.status = 'ready' AND s.approvals IS NOT NULL;
  IF before = 'paused' AND is_moving THEN
    UPDATE turns SET status = 'running', pause = NULL WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  ELSIF before = 'paused' THEN
    UPDATE turns t SET pause = t.pause || jsonb_build_object('approvals',
      (SELECT jsonb_agg(a) FROM jsonb_array_elements(t.pause->'approvals') AS a
      WHERE NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_decisions) AS d(id text) WHERE d.id = a->>'id')))
        WHERE t.id = p_turn;
  END IF;
  RETURN jsonb_build_object('kind', 'decided', 'outbox', pantheon_outbox_of_transaction());
END $$;
