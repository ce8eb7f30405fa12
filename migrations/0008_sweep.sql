-- Steps whose holder is gone get a letter again, and letters that are due are handed out, each with a growing pause.
-- Stateless: may run at any moment, twice at once. Locks only outbox rows, and skips those another sweep holds.
CREATE FUNCTION pantheon_sweep(p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  due jsonb;
BEGIN
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, pantheon_now(), txid_current()
  FROM turn_steps s WHERE s.status = 'running' AND s.lease_until < pantheon_now()
  ORDER BY s.lease_until, s.id LIMIT p_limit
  ON CONFLICT (kind, target_id) DO NOTHING;
  WITH taken AS (
    SELECT o.kind, o.target_id FROM outbox o WHERE o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), sent AS (
    UPDATE outbox o SET attempts = o.attempts + 1, delay_seconds = 0,
      next_at = pantheon_now() + make_interval(secs => least(600, 15 * power(2, least(o.attempts, 6))::int))
    FROM taken WHERE o.kind = taken.kind AND o.target_id = taken.target_id RETURNING pantheon_letter(o) AS letter
  )
  SELECT coalesce(jsonb_agg(letter), '[]') INTO due FROM sent;
  DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
    SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= pantheon_now() LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN due;
END $$;
--> statement-breakpoint
-- Open turns that nothing will ever move again; always empty.
CREATE VIEW stuck_turns WITH (security_invoker = true) AS
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.is_active AND t.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = t.id)
    AND NOT EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = t.id AND s.status = 'running')
  UNION ALL
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.status = 'queued' AND NOT t.is_active
    AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.session_id = t.session_id AND a.is_active);
--> statement-breakpoint
GRANT SELECT ON stuck_turns TO pantheon_system;
