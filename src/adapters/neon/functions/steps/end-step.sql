-- A step's end, whoever decides it, lets go those that waited for it; the last one closes the turn unless it goes on.
-- Counters are read from the rows as updated here, so siblings that end together cannot both miss the join.
CREATE OR REPLACE FUNCTION pantheon_end_step(p_step uuid, p jsonb, p_goes_on boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  spoken jsonb;
  v_error jsonb := nullif(p->'error', 'null'::jsonb);
  is_done boolean := p->>'outcome' = 'done';
  goes_on boolean;
BEGIN
  UPDATE turn_steps SET status = p->>'outcome', error = v_error, result = nullif(p->'result', 'null'::jsonb),
    finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL, approvals = NULL,
    -- The claim that gave the step up was no attempt of the agent.
    attempts = attempts - (coalesce(v_error->>'type' = 'attempts_exhausted', false))::int,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (NOT is_done)::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key, 'agent_name', a->>'name',
    'round', ended.round) INTO spoken
  FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  IF jsonb_typeof(p->'message') = 'object' THEN
    INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name,
      error_type, text, tokens, token_class, created_at)
    VALUES ((p->'message'->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index,
      ended.step_index + 1, CASE WHEN is_done THEN 'agent' ELSE 'failed_agent' END, ended.agent_key,
      spoken->>'agent_name', v_error->>'type',
      p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', pantheon_now());
  END IF;
  IF NOT is_done THEN
    PERFORM pantheon_emit(of_turn.id, 'step.failed', spoken || jsonb_build_object('error', v_error));
  ELSIF jsonb_typeof(p->'message') = 'object' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', spoken
      || jsonb_build_object('message_id', p->'message'->>'id', 'text', p->'message'->>'text'));
  END IF;
  PERFORM pantheon_emit(of_turn.id, e.type, spoken || e.data)
    FROM jsonb_to_recordset(p->'events') AS e(type text, data jsonb);
  UPDATE turn_steps SET waiting_on = waiting_on - 1
    WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  PERFORM pantheon_pause_if_waiting(of_turn.id);
  -- What follows may need words of earlier steps.
  goes_on := p_goes_on AND (coalesce(jsonb_array_length(p->'next_needs'), 0) = 0
    OR EXISTS (SELECT FROM messages m
      WHERE m.turn_id = of_turn.id AND m.author = 'agent' AND p->'next_needs' @> to_jsonb(m.position - 1)));
  IF of_turn.pending_steps = 0 AND NOT goes_on THEN
    -- What a manager or a summary did makes no turn partial in which every agent failed.
    PERFORM pantheon_close_turn(of_turn.id,
      CASE WHEN of_turn.failed_steps = 0 THEN 'completed'
        WHEN EXISTS (SELECT FROM turn_steps s
          WHERE s.turn_id = of_turn.id AND s.purpose = 'agent' AND s.status = 'done') THEN 'partial'
        ELSE 'failed' END,
      true);
    IF jsonb_typeof(p->'after') = 'object' THEN PERFORM pantheon_begin_summary(of_turn.session_id, p->'after'); END IF;
  END IF;
END $$;
