-- Events of a step carry the step and its speaker.
CREATE OR REPLACE FUNCTION pantheon_emit_of_step(p_turn turns, p_step turn_steps, p_events jsonb) RETURNS void
LANGUAGE sql AS $$
  SELECT pantheon_emit(p_turn.id, e.type, jsonb_build_object('step_id', p_step.id, 'agent_key', p_step.agent_key,
    'round', p_step.round, 'agent_name', (SELECT a->>'name' FROM jsonb_array_elements(p_turn.plan->'agents') AS a
    WHERE a->>'key' = p_step.agent_key)) || e.data)
  FROM jsonb_to_recordset(p_events) AS e(type text, data jsonb)
$$;
