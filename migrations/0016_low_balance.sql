-- Below it a user's money is low. The same figure is in src/domain/money/low-balance.ts, and a test compares them.
CREATE FUNCTION pantheon_low_balance_units() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 5000000000 $$;
--> statement-breakpoint
-- Tells the endpoints that want it of the one charge that took the user's money below the figure, what is held for turns
-- included: holds and releases come and go without a word. Whoever charges has locked the money, so no two see one crossing.
CREATE FUNCTION pantheon_tell_low_balance(p_turn turns, p_charged bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low bigint := pantheon_low_balance_units();
  units bigint;
BEGIN
  SELECT sum(a.balance_units) INTO units FROM accounts a WHERE a.owner_id = p_turn.owner_id AND a.kind IN ('wallet', 'held');
  IF units >= low OR units + p_charged < low THEN RETURN; END IF;
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), e.owner_id, e.id, 'wallet.low_balance',
      jsonb_build_object('balance', pantheon_credits(units), 'threshold', pantheon_credits(low)), pantheon_now(), pantheon_now(), pantheon_now()
    FROM webhook_endpoints e WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
      AND (cardinality(e.events) = 0 OR 'wallet.low_balance' = ANY (e.events))
    RETURNING id
  )
  -- The letter is the turn's, so that a commit sent again finds it among what the turn still has posted.
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current() FROM made m;
END $$;
--> statement-breakpoint
-- Books an attempt's calls and pays them from the step's hold. Never more than the hold: the rest is the platform's, and what
-- gave no result is too. With the step's end the hold closes.
CREATE OR REPLACE FUNCTION pantheon_settle(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb, p_is_over boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  h holds%ROWTYPE;
  sums record;
  freed bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT * INTO h FROM holds WHERE step_id = p_step.id AND is_open;
  SELECT * INTO sums FROM pantheon_record_calls(p_turn, p_step, p_token, p_calls, coalesce(h.units - h.charged_units, 0));
  freed := CASE WHEN p_is_over THEN coalesce(h.units - h.charged_units, 0) - sums.charged ELSE 0 END;
  UPDATE holds SET charged_units = charged_units + sums.charged, is_open = NOT p_is_over, closed_at = CASE WHEN p_is_over THEN pantheon_now() END
    WHERE step_id = h.step_id;
  PERFORM pantheon_count_budget(p_turn, h.held_on, -(sums.charged + freed), sums.charged);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'settle:' || p_step.id || ':' || p_token, p_turn.owner_id, e.kind, 'settle', e.units, p_turn.id, pantheon_now()
  FROM (VALUES ('held', -(sums.charged + freed)), ('wallet', freed), ('revenue', sums.metered), ('waste', -sums.wasted),
    ('variance', sums.charged + sums.wasted - sums.metered)) AS e(kind, units)
  WHERE e.units <> 0;
  IF sums.charged > 0 THEN PERFORM pantheon_tell_low_balance(p_turn, sums.charged); END IF;
END $$;
