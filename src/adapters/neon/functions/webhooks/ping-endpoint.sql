-- A test delivery tells an endpoint nothing but that it is there.
CREATE OR REPLACE FUNCTION pantheon_ping_endpoint(p_delivery uuid, p_endpoint uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT e.status INTO before FROM webhook_endpoints e
    WHERE e.id = p_endpoint AND e.owner_id = pantheon_user_id() AND e.deleted_at IS NULL;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'active' THEN RETURN jsonb_build_object('kind', 'disabled'); END IF;
  INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
  VALUES (p_delivery, pantheon_user_id(), p_endpoint, 'webhook.test', jsonb_build_object('endpoint_id', p_endpoint),
    pantheon_now(), pantheon_now(), pantheon_now());
  PERFORM pantheon_post_delivery(p_delivery, 0);
  RETURN jsonb_build_object('kind', 'pinged', 'outbox', pantheon_outbox_of_transaction());
END $$;
