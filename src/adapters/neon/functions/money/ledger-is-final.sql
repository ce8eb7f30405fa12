-- Ledger entries are never changed.
CREATE OR REPLACE FUNCTION pantheon_ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entries are never changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_final';
END $$;
