-- An attempt whose holder never came back is booked to the platform at its bound, since nobody knows what it used.
CREATE OR REPLACE FUNCTION pantheon_book_lost_attempt(p_turn turns, p_step turn_steps, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  units bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT coalesce(max(h.units - h.charged_units), 0) INTO units FROM holds h WHERE h.step_id = p_step.id AND h.is_open;
  INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key,
    purpose, provider, model_alias, provider_model, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens,
    reasoning_tokens, oe_hundredths, multiplier_milli, pricing_version, credit_units, status, is_estimated, created_at)
  SELECT p_id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_step.token, 0,
    p_step.agent_key, p_step.purpose, 'openrouter', a->>'model_alias', a->>'provider_model', 0, 0, 0, 0, 0,
    units / (a->>'multiplier_milli')::int, (a->>'multiplier_milli')::int, p_turn.plan->>'pricing_version', units,
    'lost', true, pantheon_now()
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a WHERE a->>'key' = p_step.agent_key;
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'lost:' || p_step.id || ':' || p_step.token, p_turn.owner_id, e.kind, 'lost', e.sign * units, p_turn.id,
    pantheon_now()
  FROM (VALUES ('revenue', 1), ('waste', -1)) AS e(kind, sign) WHERE units > 0;
END $$;
