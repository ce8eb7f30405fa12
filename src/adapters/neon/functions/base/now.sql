-- The database decides by this clock alone; tests replace it to shift time.
CREATE OR REPLACE FUNCTION pantheon_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() $$;
