-- A session's memory has one writer at a time; its lock is taken after those of turns and steps, before that of money.
CREATE OR REPLACE FUNCTION pantheon_lock_memory(p_session uuid) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_session::text, 6));
  RETURN coalesce((SELECT max(s.version) FROM session_summaries s WHERE s.session_id = p_session), 0);
END $$;
