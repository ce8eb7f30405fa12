-- Fenced by the attempt's number: a commit sent again, or one that comes after the next claim, changes nothing. What a turn's own
-- callback answers says nothing about the endpoint that signs it.
CREATE OR REPLACE FUNCTION pantheon_commit_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  now_at timestamptz := pantheon_now();
  wait_seconds int := p->>'wait_seconds';
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF d.id IS NULL OR d.attempts <> (p->>'number')::int OR d.status <> 'pending' THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  INSERT INTO webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason, created_at)
    VALUES (d.id, d.attempts, d.owner_id, p->>'outcome', (p->>'response_status')::int, (p->>'latency_ms')::int, p->>'excerpt', p->>'reason', now_at)
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
    UPDATE webhook_deliveries SET status = CASE p->>'next' WHEN 'succeeded' THEN 'succeeded' ELSE 'failed' END, next_at = NULL, finished_at = now_at
      WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- Deliveries of one endpoint, the oldest first, or a single one, are sent once more with the ids that they have. Says where to
-- go on if there are more than the limit.
CREATE OR REPLACE FUNCTION pantheon_redeliver(p_delivery uuid, p_endpoint uuid, p_since timestamptz, p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  again record;
  renewed int := 0;
  next_since text;
BEGIN
  FOR again IN SELECT d.id, d.created_at FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.id = p_delivery OR (d.endpoint_id = p_endpoint AND d.created_at >= p_since)) AND d.status <> 'pending'
      AND e.status = 'active' AND e.deleted_at IS NULL ORDER BY d.created_at, d.id LIMIT p_limit + 1 FOR NO KEY UPDATE OF d
  LOOP
    IF renewed = p_limit THEN
      next_since := to_char(again.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
      EXIT;
    END IF;
    UPDATE webhook_deliveries SET status = 'pending', next_at = pantheon_now(), finished_at = NULL, earlier_attempts = attempts WHERE id = again.id;
    PERFORM pantheon_post_delivery(again.id, 0);
    renewed := renewed + 1;
  END LOOP;
  RETURN jsonb_build_object('renewed', renewed, 'next_since', next_since, 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- A delivery that tells nothing but that the endpoint is there.
CREATE OR REPLACE FUNCTION pantheon_ping_endpoint(p_delivery uuid, p_endpoint uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT e.status INTO before FROM webhook_endpoints e
    WHERE e.id = p_endpoint AND e.owner_id = pantheon_user_id() AND e.deleted_at IS NULL;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'active' THEN RETURN jsonb_build_object('kind', 'disabled'); END IF;
  INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
  VALUES (p_delivery, pantheon_user_id(), p_endpoint, 'webhook.test', jsonb_build_object('endpoint_id', p_endpoint), pantheon_now(), pantheon_now(),
    pantheon_now());
  PERFORM pantheon_post_delivery(p_delivery, 0);
  RETURN jsonb_build_object('kind', 'pinged', 'letters', pantheon_posted_here());
END $$;
