-- An attempt is leased by the delivery's own time, and gets its address, its secrets and the event as it is in the log.
CREATE OR REPLACE FUNCTION pantheon_claim_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  e webhook_endpoints%ROWTYPE;
  now_at timestamptz := pantheon_now();
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  IF d.status <> 'pending' THEN
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  IF d.next_at > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds', ceil(extract(epoch FROM d.next_at - now_at)));
  END IF;
  SELECT * INTO e FROM webhook_endpoints WHERE id = d.endpoint_id;
  IF e.deleted_at IS NOT NULL OR e.status <> 'active' THEN
    UPDATE webhook_deliveries SET status = 'failed', next_at = NULL, finished_at = now_at WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  UPDATE webhook_deliveries SET attempts = d.attempts + 1,
    next_at = now_at + make_interval(secs => (p->>'lease_seconds')::int) WHERE id = d.id
    RETURNING * INTO d;
  PERFORM pantheon_post_delivery(d.id, (p->>'lease_seconds')::int);
  RETURN jsonb_build_object('kind', 'won', 'number', d.attempts,
    'attempt', 1 + (SELECT count(*) FROM webhook_attempts w
      WHERE w.delivery_id = d.id AND w.number > d.earlier_attempts),
    'url', coalesce(d.url, e.url), 'secret', e.secret,
    'previous_secret', e.previous_secret, 'previous_secret_expires_at', e.previous_secret_expires_at, 'type', d.type,
    'failing_since', e.failing_since, 'now', now_at,
    'event', CASE WHEN d.turn_id IS NULL
      THEN jsonb_build_object('created_at', to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', d.data)
      ELSE (SELECT jsonb_build_object('created_at',
        to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', jsonb_build_object('turn_id', v.turn_id, 'seq', v.seq, 'type', v.type, 'data', v.data,
          'created_at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
        FROM turn_events v WHERE v.turn_id = d.turn_id AND v.seq = d.seq) END);
END $$;
