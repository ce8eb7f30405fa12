-- A commit is fenced by the attempt's number. What a turn's own callback answers says nothing about the endpoint
-- that signs it.
CREATE OR REPLACE FUNCTION pantheon_commit_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  now_at timestamptz := pantheon_now();
  wait_seconds int := p->>'wait_seconds';
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF d.id IS NULL OR d.attempts <> (p->>'number')::int OR d.status <> 'pending' THEN
    RETURN jsonb_build_object('kind', 'fenced');
  END IF;
  INSERT INTO webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason,
    created_at)
    VALUES (d.id, d.attempts, d.owner_id, p->>'outcome', (p->>'response_status')::int, (p->>'latency_ms')::int,
      p->>'excerpt', p->>'reason', now_at)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF d.url IS NULL AND p->>'next' = 'succeeded' THEN
    UPDATE webhook_endpoints SET failing_since = NULL WHERE id = d.endpoint_id AND failing_since IS NOT NULL;
  ELSIF d.url IS NULL THEN
    UPDATE webhook_endpoints SET failing_since = now_at WHERE id = d.endpoint_id AND failing_since IS NULL;
    UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = p->>'disables'
      WHERE id = d.endpoint_id AND status = 'active' AND p->>'disables' IS NOT NULL;
  END IF;
  IF p->>'next' = 'retry' THEN
    UPDATE webhook_deliveries SET next_at = now_at + make_interval(secs => wait_seconds) WHERE id = d.id;
    PERFORM pantheon_post_delivery(d.id, wait_seconds);
  ELSE
    UPDATE webhook_deliveries SET status = CASE p->>'next' WHEN 'succeeded' THEN 'succeeded'
      ELSE 'failed' END, next_at = NULL, finished_at = now_at
      WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'outbox', pantheon_outbox_of_transaction());
END $$;
