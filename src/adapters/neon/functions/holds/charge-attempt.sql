-- An attempt's calls are paid from the step's hold, never beyond it; the platform pays what is left and what gave
-- no result. The hold closes with the step.
CREATE OR REPLACE FUNCTION pantheon_charge_attempt(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb,
  p_is_over boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  h holds%ROWTYPE;
  sums record;
  freed bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT * INTO h FROM holds WHERE step_id = p_step.id AND is_open;
  SELECT * INTO sums FROM pantheon_record_calls(p_turn, p_step, p_token, p_calls,
    coalesce(h.units - h.charged_units, 0));
  freed := CASE WHEN p_is_over THEN coalesce(h.units - h.charged_units, 0) - sums.charged ELSE 0 END;
  UPDATE holds SET charged_units = charged_units + sums.charged, is_open = NOT p_is_over,
      closed_at = CASE WHEN p_is_over THEN pantheon_now() END
    WHERE step_id = h.step_id;
  PERFORM pantheon_count_budget(p_turn, h.held_on, -(sums.charged + freed), sums.charged);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'settle:' || p_step.id || ':' || p_token, p_turn.owner_id, e.kind, 'settle', e.units, p_turn.id, pantheon_now()
  FROM (VALUES ('held', -(sums.charged + freed)), ('wallet', freed), ('revenue', sums.metered), ('waste', -sums.wasted),
    ('variance', sums.charged + sums.wasted - sums.metered)) AS e(kind, units)
  WHERE e.units <> 0;
  IF sums.charged > 0 THEN PERFORM pantheon_tell_low_balance(p_turn, sums.charged); END IF;
END $$;
