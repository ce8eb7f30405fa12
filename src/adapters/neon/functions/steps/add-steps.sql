-- New steps take the turn's own times; a step that waits for no other is ready.
CREATE OR REPLACE FUNCTION pantheon_add_steps(p_turn turns, p_steps jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks,
    sees, instruction, window_tokens, prompt_bound, hold_units, created_at, updated_at, finished_at)
  SELECT s.id, p_turn.owner_id, p_turn.id, s.step_index, s.purpose, s.agent_key, s.round,
    CASE WHEN p_turn.finished_at IS NOT NULL THEN 'cancelled' WHEN s.waiting_on = 0 THEN 'ready'
    ELSE 'waiting' END, s.waiting_on, s.unblocks, s.sees, s.instruction, s.window_tokens, s.prompt_bound, s.hold_units,
    p_turn.updated_at, p_turn.updated_at, p_turn.finished_at
  FROM jsonb_to_recordset(p_steps) AS s(id uuid, step_index int, purpose text, agent_key text, round int,
    waiting_on int, unblocks int[], sees int[], instruction text, window_tokens int, prompt_bound int,
    hold_units bigint)
$$;
