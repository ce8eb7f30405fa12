-- Every tool call of an attempt gets one row.
CREATE OR REPLACE FUNCTION pantheon_record_tool_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO tool_calls (id, owner_id, turn_id, step_id, attempt, ordinal, agent_key, call_id, name, arguments, status,
    result_bytes, latency_ms, created_at)
  SELECT c.id, p_turn.owner_id, p_turn.id, p_step.id, p_token, c.ordinal, p_step.agent_key, c.call_id, c.name,
    c.arguments, c.status, c.result_bytes, c.latency_ms, pantheon_now()
  FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, call_id text, name text, arguments text, status text,
    result_bytes int, latency_ms int)
$$;
