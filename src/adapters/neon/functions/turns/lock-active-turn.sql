-- The turn that holds the session comes back locked; null when none holds it.
-- A turn that ended while this waited for its lock is passed over.
CREATE OR REPLACE FUNCTION pantheon_lock_active_turn(p_session uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  active uuid;
BEGIN
  LOOP
    SELECT id INTO active FROM turns WHERE session_id = p_session AND is_active FOR NO KEY UPDATE;
    IF active IS NOT NULL OR NOT EXISTS (SELECT 1 FROM turns WHERE session_id = p_session AND is_active) THEN
      RETURN active;
    END IF;
  END LOOP;
END $$;
