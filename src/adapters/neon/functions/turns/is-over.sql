-- A turn in one of these states never changes again.
CREATE OR REPLACE FUNCTION pantheon_is_over(p_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
AS $$ SELECT p_status IN ('completed', 'partial', 'failed', 'cancelled') $$;
