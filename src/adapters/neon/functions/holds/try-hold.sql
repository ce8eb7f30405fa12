-- The most that a turn's open steps may cost is set aside whole, or not at all, and the answer names the limit
-- in the way: the tightest of the wallet and the five budgets.
CREATE OR REPLACE FUNCTION pantheon_try_hold(p_turn uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  today date := (pantheon_now() AT TIME ZONE 'UTC')::date;
  needed bigint;
  spendable bigint;
  tight record;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  SELECT coalesce(sum(s.hold_units), 0) INTO needed FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0
      AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id);
  IF needed = 0 THEN RETURN NULL; END IF;
  PERFORM pantheon_lock_money(t.owner_id);
  INSERT INTO budget_counters (owner_id, scope, scope_key)
    SELECT t.owner_id, s.scope, s.scope_key FROM pantheon_budget_scopes(t, today) AS s ON CONFLICT DO NOTHING;
  SELECT l.scope, l.units AS most, c.spent_units AS spent, c.held_units AS held,
    l.units - c.spent_units - c.held_units AS rest INTO tight
  FROM pantheon_budget_scopes(t, today) AS s
    JOIN budget_counters c ON c.owner_id = t.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
    JOIN (SELECT 'turn' AS scope, t.budget_units AS units
      UNION ALL SELECT 'session', b.budget_units FROM sessions b WHERE b.id = t.session_id
      UNION ALL SELECT 'room', b.budget_units FROM rooms b WHERE b.id = t.room_id
      UNION ALL SELECT 'day', b.per_day_units FROM user_budgets b WHERE b.owner_id = t.owner_id
      UNION ALL SELECT 'month', b.per_month_units FROM user_budgets b
        WHERE b.owner_id = t.owner_id) AS l ON l.scope = s.scope
  WHERE l.units IS NOT NULL ORDER BY rest, l.scope LIMIT 1;
  SELECT balance_units INTO spendable FROM accounts WHERE owner_id = t.owner_id AND kind = 'wallet';
  IF tight.rest < needed AND tight.rest <= spendable THEN
    RETURN jsonb_build_object('code', 'budget_exceeded', 'scope', tight.scope, 'needed', pantheon_credits(needed),
      'available', pantheon_credits(greatest(0, tight.rest)), 'budget', pantheon_credits(tight.most),
      'spent', pantheon_credits(tight.spent), 'held', pantheon_credits(tight.held));
  ELSIF spendable < needed THEN
    RETURN jsonb_build_object('code', 'insufficient_credits', 'scope', 'wallet', 'needed', pantheon_credits(needed),
      'available', pantheon_credits(spendable));
  END IF;
  WITH held AS (
    INSERT INTO holds (step_id, owner_id, turn_id, units, held_on, created_at)
    SELECT s.id, s.owner_id, s.turn_id, s.hold_units, today, pantheon_now() FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0
      AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id)
    RETURNING step_id, units
  )
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'hold:' || h.step_id, t.owner_id, e.kind, 'hold', e.sign * h.units, t.id, pantheon_now()
  FROM held h CROSS JOIN (VALUES ('wallet', -1), ('held', 1)) AS e(kind, sign);
  PERFORM pantheon_count_budget(t, today, needed, 0);
  RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION pantheon_try_hold(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_try_hold(uuid) TO pantheon_app, pantheon_system;
ALTER FUNCTION pantheon_try_hold(uuid) OWNER TO pantheon_system;
