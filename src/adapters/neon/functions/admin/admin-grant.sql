-- A grant's row and its money are written together; who asks is the giver, and an unknown receiver is refused.
CREATE OR REPLACE FUNCTION pantheon_admin_grant(p_id uuid, p_owner uuid, p_reason text, p_units bigint,
  p_created_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO grants (id, owner_id, granted_by, reason, units, created_at)
    VALUES (p_id, p_owner, pantheon_user_id(), p_reason, p_units, p_created_at);
  PERFORM pantheon_lock_money(p_owner);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, created_at)
    SELECT 'grant:' || p_id, p_owner, e.kind, 'admin_grant', e.sign * p_units, pantheon_now()
    FROM (VALUES ('granted', -1), ('wallet', 1)) AS e(kind, sign);
END $$;

REVOKE EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) TO pantheon_app;
ALTER FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) OWNER TO pantheon_system;
