-- A sweep may run at any moment, twice at once: rows that another holds are skipped. A step whose holder is gone
-- gets an outbox row again; due rows are handed out with a growing pause, steps first and owners in turn.
CREATE OR REPLACE FUNCTION pantheon_sweep(p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  due jsonb;
BEGIN
  PERFORM pantheon_book_abandoned(p_limit);
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, pantheon_now(), txid_current()
  FROM turn_steps s WHERE s.status = 'running' AND s.lease_until < pantheon_now()
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'step' AND o.target_id = s.id)
  ORDER BY s.lease_until, s.id LIMIT p_limit
  ON CONFLICT (kind, target_id) DO NOTHING;
  WITH oldest AS (
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'step' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
    UNION ALL
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'delivery' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
  ), ranked AS (
    SELECT kind, target_id, next_at, row_number() OVER (PARTITION BY kind, owner_id
      ORDER BY next_at, target_id) AS place FROM oldest
  ), taken AS (
    SELECT o.kind, o.target_id FROM outbox o JOIN ranked r ON r.kind = o.kind AND r.target_id = o.target_id
    WHERE o.next_at <= pantheon_now()
    ORDER BY r.kind <> 'step', r.place, r.next_at, r.target_id LIMIT p_limit FOR UPDATE OF o SKIP LOCKED
  ), sent AS (
    UPDATE outbox o SET attempts = o.attempts + 1, delay_seconds = 0,
      next_at = pantheon_now() + make_interval(secs => least(600, 15 * power(2, least(o.attempts, 6))::int))
    FROM taken WHERE o.kind = taken.kind AND o.target_id = taken.target_id
    RETURNING pantheon_outbox_message(o) AS message
  )
  SELECT coalesce(jsonb_agg(message), '[]') INTO due FROM sent;
  DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
    SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= pantheon_now() LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN due;
END $$;
