-- The transaction's user is set here; a user seen for the first time gets accounts. The first grant waits for its
-- units, null until the address is confirmed; the update locks the user's row, so the grant is given once.
CREATE OR REPLACE FUNCTION pantheon_authenticate_user(p_user_id uuid, p_email text, p_grant_units bigint)
RETURNS TABLE (user_id uuid, email text, scopes text[], created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  is_due boolean;
BEGIN
  SELECT u.is_grant_due INTO is_due FROM users u WHERE u.id = p_user_id;
  IF NOT FOUND THEN
    is_due := true;
    INSERT INTO users (id, email, is_grant_due) VALUES (p_user_id, p_email, true) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO accounts (owner_id, kind)
        SELECT p_user_id, unnest(ARRAY['wallet', 'held', 'revenue', 'granted', 'waste', 'variance']);
    END IF;
  ELSIF p_email IS NOT NULL THEN
    UPDATE users u SET email = p_email WHERE u.id = p_user_id AND u.email IS DISTINCT FROM p_email;
  END IF;
  IF is_due AND p_grant_units IS NOT NULL THEN
    UPDATE users u SET is_grant_due = false WHERE u.id = p_user_id AND u.is_grant_due;
    IF FOUND AND p_grant_units > 0 THEN
      PERFORM pantheon_lock_money(p_user_id);
      INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        VALUES ('signup', p_user_id, 'granted', 'signup_grant', -p_grant_units),
               ('signup', p_user_id, 'wallet', 'signup_grant', p_grant_units);
    END IF;
  END IF;
  PERFORM set_config('app.user_id', p_user_id::text, true);
  RETURN QUERY SELECT u.id, u.email, NULL::text[], u.created_at FROM users u WHERE u.id = p_user_id;
END $$;

REVOKE EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint) TO pantheon_app;
ALTER FUNCTION pantheon_authenticate_user(uuid, text, bigint) OWNER TO pantheon_system;
