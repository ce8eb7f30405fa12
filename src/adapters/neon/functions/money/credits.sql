-- Credits are written as on the wire: the shortest decimal.
CREATE OR REPLACE FUNCTION pantheon_credits(p_units bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT trim_scale(p_units::numeric / 1000000000)::text $$;
