-- One lock covers all money of a user, taken after those of turns and steps, so two movements never deadlock.
CREATE OR REPLACE FUNCTION pantheon_lock_money(p_owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts WHERE owner_id = p_owner AND kind = 'held' FOR NO KEY UPDATE;
END $$;
