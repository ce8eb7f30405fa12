-- Balances are summed over all users, one row a kind of account.
CREATE OR REPLACE FUNCTION pantheon_admin_accounts() RETURNS TABLE (kind text, units text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.kind, sum(a.balance_units)::text FROM accounts a GROUP BY a.kind
$$;

REVOKE EXECUTE ON FUNCTION pantheon_admin_accounts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_accounts() TO pantheon_app;
ALTER FUNCTION pantheon_admin_accounts() OWNER TO pantheon_system;
