-- The one charge that takes a user's money, holds included, below the figure is told to the endpoints that want it.
-- The caller has locked the money, so no two charges see one crossing.
CREATE OR REPLACE FUNCTION pantheon_tell_low_balance(p_turn turns, p_charged bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low bigint := pantheon_low_balance_units();
  units bigint;
BEGIN
  SELECT sum(a.balance_units) INTO units FROM accounts a
    WHERE a.owner_id = p_turn.owner_id AND a.kind IN ('wallet', 'held');
  IF units >= low OR units + p_charged < low THEN RETURN; END IF;
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), e.owner_id, e.id, 'wallet.low_balance',
      jsonb_build_object('balance', pantheon_credits(units), 'threshold', pantheon_credits(low)), pantheon_now(),
        pantheon_now(), pantheon_now()
    FROM webhook_endpoints e WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
      AND (cardinality(e.events) = 0 OR 'wallet.low_balance' = ANY (e.events))
    RETURNING id
  )
  -- The outbox row is the turn's, so that a commit sent again finds it among what the turn still has posted.
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current()
    FROM made m;
END $$;
