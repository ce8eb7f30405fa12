-- A delivery that is new or due again gets an outbox row; who commits publishes it, or else the sweep does.
CREATE OR REPLACE FUNCTION pantheon_post_delivery(p_delivery uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'delivery', d.id, d.turn_id, d.owner_id, d.attempts, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 30), txid_current()
  FROM webhook_deliveries d WHERE d.id = p_delivery
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
