-- Holds of ended steps are given back, unless a call is still under way.
CREATE OR REPLACE FUNCTION pantheon_release(p_turn uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  h holds%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  FOR h IN SELECT o.* FROM holds o JOIN turn_steps s ON s.id = o.step_id
    WHERE o.turn_id = t.id AND o.is_open AND s.status IN ('done', 'failed', 'cancelled') AND s.lease_until IS NULL
  LOOP
    PERFORM pantheon_lock_money(t.owner_id);
    UPDATE holds SET is_open = false, closed_at = pantheon_now() WHERE step_id = h.step_id;
    PERFORM pantheon_count_budget(t, h.held_on, h.charged_units - h.units, 0);
    INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
    SELECT 'release:' || h.step_id, t.owner_id, e.kind, 'release', e.sign * (h.units - h.charged_units), t.id,
      pantheon_now()
    FROM (VALUES ('held', -1), ('wallet', 1)) AS e(kind, sign) WHERE h.units > h.charged_units;
  END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION pantheon_release(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_release(uuid) TO pantheon_app, pantheon_system;
ALTER FUNCTION pantheon_release(uuid) OWNER TO pantheon_system;
