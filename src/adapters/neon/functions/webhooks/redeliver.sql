-- One delivery, or an endpoint's from the oldest on, is sent once more under the id that it has.
-- The answer says where to go on if there are more than the limit.
CREATE OR REPLACE FUNCTION pantheon_redeliver(p_delivery uuid, p_endpoint uuid, p_since timestamptz, p_limit int)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  again record;
  renewed int := 0;
  next_since text;
BEGIN
  FOR again IN SELECT d.id, d.created_at FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.id = p_delivery OR (d.endpoint_id = p_endpoint AND d.created_at >= p_since)) AND d.status <> 'pending'
      AND e.status = 'active' AND e.deleted_at IS NULL ORDER BY d.created_at, d.id LIMIT p_limit + 1
        FOR NO KEY UPDATE OF d
  LOOP
    IF renewed = p_limit THEN
      next_since := to_char(again.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
      EXIT;
    END IF;
    UPDATE webhook_deliveries SET status = 'pending', next_at = pantheon_now(), finished_at = NULL,
      earlier_attempts = attempts WHERE id = again.id;
    PERFORM pantheon_post_delivery(again.id, 0);
    renewed := renewed + 1;
  END LOOP;
  RETURN jsonb_build_object('renewed', renewed, 'next_since', next_since, 'outbox', pantheon_outbox_of_transaction());
END $$;
