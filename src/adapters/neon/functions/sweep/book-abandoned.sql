-- A cancelled call whose holder never came back is booked as lost, and its hold is released.
CREATE OR REPLACE FUNCTION pantheon_book_abandoned(p_limit int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  abandoned record;
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
BEGIN
  -- By owner, so that two sweeps lock the money of several in one order.
  FOR abandoned IN SELECT u.turn_id, u.id FROM (SELECT owner_id, turn_id, id FROM turn_steps
    WHERE status = 'cancelled' AND lease_until IS NOT NULL AND lease_until < pantheon_now() ORDER BY lease_until, id
      LIMIT p_limit) AS u
    ORDER BY u.owner_id, u.turn_id, u.id
  LOOP
    SELECT * INTO t FROM turns WHERE id = abandoned.turn_id FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT * INTO s FROM turn_steps WHERE id = abandoned.id AND lease_until IS NOT NULL FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    PERFORM pantheon_book_lost_attempt(t, s, gen_random_uuid());
    UPDATE turn_steps SET lease_until = NULL, lost_attempts = lost_attempts + 1 WHERE id = s.id;
    PERFORM pantheon_release(t.id);
  END LOOP;
END $$;
