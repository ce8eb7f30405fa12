-- A version's prices come in the transaction that makes the version; nobody can add one later.
CREATE OR REPLACE FUNCTION pantheon_prices_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_prices p JOIN pricing_versions v ON v.id = p.pricing_version
    WHERE NOT v.xmin = pg_current_xact_id()::xid) THEN
    RAISE EXCEPTION 'the prices of a version are final'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'model_prices_final';
  END IF;
  RETURN NULL;
END $$;
