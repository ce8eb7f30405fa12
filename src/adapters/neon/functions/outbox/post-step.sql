-- A step's outbox row is written with the state that wants the message; who commits publishes it, or the sweep does.
CREATE OR REPLACE FUNCTION pantheon_post_step(p_step uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 15), txid_current()
  FROM turn_steps s WHERE s.id = p_step
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
