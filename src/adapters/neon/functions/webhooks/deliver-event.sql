-- An event gets a delivery to each endpoint that wants it, and to the turn's own callback when the turn rests.
-- A summary's turn tells only that it was made.
CREATE OR REPLACE FUNCTION pantheon_deliver_event(p_turn turns, p_type text) RETURNS void LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, turn_id, seq, type, url, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), p_turn.owner_id, w.endpoint_id, p_turn.id, p_turn.last_seq, p_type, w.url, pantheon_now(),
      pantheon_now(), pantheon_now()
    FROM (
      SELECT e.id AS endpoint_id, NULL::text AS url FROM webhook_endpoints e
      WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND (cardinality(e.events) = 0 OR p_type = ANY (e.events))
      UNION ALL
      SELECT p_turn.callback_endpoint_id, p_turn.callback_url
      WHERE p_turn.callback_url IS NOT NULL
        AND p_type IN ('turn.paused', 'turn.completed', 'turn.partial', 'turn.failed', 'turn.cancelled')
    ) AS w
    WHERE p_turn.mode <> 'summary' OR p_type = 'summary.created'
    RETURNING id
  )
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current()
    FROM made m
$$;
