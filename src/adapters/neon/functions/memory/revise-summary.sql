-- A user's correction of the register is a version of its own, refused when another came in between.
CREATE OR REPLACE FUNCTION pantheon_revise_summary(p_session uuid, p jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF pantheon_lock_memory(p_session) <> (p->>'base_version')::int THEN RETURN 'stale'; END IF;
  PERFORM pantheon_write_summary(p_session, NULL, p);
  RETURN 'written';
END $$;
