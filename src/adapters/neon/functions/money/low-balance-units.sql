-- Money below this figure is low. The same figure is in src/domain/money/low-balance.ts, and a test compares them.
CREATE OR REPLACE FUNCTION pantheon_low_balance_units() RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT 5000000000 $$;
