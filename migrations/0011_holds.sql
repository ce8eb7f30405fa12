-- Credits as the wire has them: the shortest decimal.
CREATE FUNCTION pantheon_credits(p_units bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT trim_scale(p_units::numeric / 1000000000)::text $$;
--> statement-breakpoint
-- One lock for all money of a user, always taken after the locks of turns and steps: two movements never deadlock.
CREATE FUNCTION pantheon_lock_money(p_owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts WHERE owner_id = p_owner AND kind = 'held' FOR NO KEY UPDATE;
END $$;
--> statement-breakpoint
-- Everything that can have a budget and that the turn's cost of a day counts against.
CREATE FUNCTION pantheon_budget_scopes(p_turn turns, p_day date) RETURNS TABLE (scope text, scope_key text) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('day', to_char(p_day, 'YYYY-MM-DD')), ('month', to_char(p_day, 'YYYY-MM')), ('room', p_turn.room_id::text),
    ('session', p_turn.session_id::text), ('turn', p_turn.id::text)
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_count_budget(p_turn turns, p_day date, p_held bigint, p_spent bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE budget_counters c SET held_units = c.held_units + p_held, spent_units = c.spent_units + p_spent
  FROM pantheon_budget_scopes(p_turn, p_day) AS s
  WHERE c.owner_id = p_turn.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
$$;
--> statement-breakpoint
-- Sets aside the most that the turn's open steps may cost, or nothing: then it answers which limit is in the way, with the
-- figures. The tightest of the wallet and the five budgets decides.
CREATE FUNCTION pantheon_try_hold(p_turn uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  today date := (pantheon_now() AT TIME ZONE 'UTC')::date;
  needed bigint;
  spendable bigint;
  tight record;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  SELECT coalesce(sum(s.hold_units), 0) INTO needed FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0 AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id);
  IF needed = 0 THEN RETURN NULL; END IF;
  PERFORM pantheon_lock_money(t.owner_id);
  INSERT INTO budget_counters (owner_id, scope, scope_key)
    SELECT t.owner_id, s.scope, s.scope_key FROM pantheon_budget_scopes(t, today) AS s ON CONFLICT DO NOTHING;
  SELECT l.scope, l.units AS most, c.spent_units AS spent, c.held_units AS held, l.units - c.spent_units - c.held_units AS rest INTO tight
  FROM pantheon_budget_scopes(t, today) AS s
    JOIN budget_counters c ON c.owner_id = t.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
    JOIN (SELECT 'turn' AS scope, t.budget_units AS units
      UNION ALL SELECT 'session', b.budget_units FROM sessions b WHERE b.id = t.session_id
      UNION ALL SELECT 'room', b.budget_units FROM rooms b WHERE b.id = t.room_id
      UNION ALL SELECT 'day', b.per_day_units FROM user_budgets b WHERE b.owner_id = t.owner_id
      UNION ALL SELECT 'month', b.per_month_units FROM user_budgets b WHERE b.owner_id = t.owner_id) AS l ON l.scope = s.scope
  WHERE l.units IS NOT NULL ORDER BY rest, l.scope LIMIT 1;
  SELECT balance_units INTO spendable FROM accounts WHERE owner_id = t.owner_id AND kind = 'wallet';
  IF tight.rest < needed AND tight.rest <= spendable THEN
    RETURN jsonb_build_object('code', 'budget_exceeded', 'scope', tight.scope, 'needed', pantheon_credits(needed),
      'available', pantheon_credits(greatest(0, tight.rest)), 'budget', pantheon_credits(tight.most), 'spent', pantheon_credits(tight.spent),
      'held', pantheon_credits(tight.held));
  ELSIF spendable < needed THEN
    RETURN jsonb_build_object('code', 'insufficient_credits', 'scope', 'wallet', 'needed', pantheon_credits(needed),
      'available', pantheon_credits(spendable));
  END IF;
  WITH held AS (
    INSERT INTO holds (step_id, owner_id, turn_id, units, held_on, created_at)
    SELECT s.id, s.owner_id, s.turn_id, s.hold_units, today, pantheon_now() FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0 AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id)
    RETURNING step_id, units
  )
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'hold:' || h.step_id, t.owner_id, e.kind, 'hold', e.sign * h.units, t.id, pantheon_now()
  FROM held h CROSS JOIN (VALUES ('wallet', -1), ('held', 1)) AS e(kind, sign);
  PERFORM pantheon_count_budget(t, today, needed, 0);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Gives back what is held for steps that have ended and that no call is under way for.
CREATE FUNCTION pantheon_release(p_turn uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  h holds%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  FOR h IN SELECT o.* FROM holds o JOIN turn_steps s ON s.id = o.step_id
    WHERE o.turn_id = t.id AND o.is_open AND s.status IN ('done', 'failed', 'cancelled') AND s.lease_until IS NULL
  LOOP
    PERFORM pantheon_lock_money(t.owner_id);
    UPDATE holds SET is_open = false, closed_at = pantheon_now() WHERE step_id = h.step_id;
    PERFORM pantheon_count_budget(t, h.held_on, h.charged_units - h.units, 0);
    INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
    SELECT 'release:' || h.step_id, t.owner_id, e.kind, 'release', e.sign * (h.units - h.charged_units), t.id, pantheon_now()
    FROM (VALUES ('held', -1), ('wallet', 1)) AS e(kind, sign) WHERE h.units > h.charged_units;
  END LOOP;
END $$;
--> statement-breakpoint
-- A row for each call; what gave a result is charged, in order, as far as the hold goes. Answers the sums.
CREATE FUNCTION pantheon_record_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb, p_most bigint)
RETURNS TABLE (metered bigint, charged bigint, wasted bigint) LANGUAGE sql AS $$
  WITH made AS (
    SELECT c.*, coalesce(sum(c.credit_units) FILTER (WHERE c.is_charged) OVER (ORDER BY c.ordinal), 0) AS due
    FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, provider text, model_alias text, provider_model text, request_id text,
      generation_id text, fresh_tokens bigint, cached_tokens bigint, output_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
      oe_hundredths bigint, multiplier_milli int, credit_units bigint, cost_usd_pico bigint, latency_ms int, status text, http_status int,
      finish_reason text, is_estimated boolean, is_charged boolean)
  ), priced AS (
    SELECT m.*, CASE WHEN m.is_charged THEN greatest(0, least(m.credit_units, p_most - (m.due - m.credit_units)))::bigint ELSE 0 END AS charged_units
    FROM made m
  ), booked AS (
    INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider, model_alias,
      provider_model, request_id, generation_id, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths,
      multiplier_milli, pricing_version, credit_units, charged_units, cost_usd_pico, latency_ms, status, http_status, finish_reason, is_estimated,
      created_at)
    SELECT c.id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_token, c.ordinal, p_step.agent_key, p_step.purpose,
      c.provider, c.model_alias, c.provider_model, c.request_id, c.generation_id, c.fresh_tokens, c.cached_tokens, c.output_tokens,
      c.cache_write_tokens, c.reasoning_tokens, c.oe_hundredths, c.multiplier_milli, p_turn.plan->>'pricing_version', c.credit_units,
      c.charged_units, c.cost_usd_pico, c.latency_ms, c.status, c.http_status, c.finish_reason, c.is_estimated, pantheon_now()
    FROM priced c
  )
  SELECT coalesce(sum(p.credit_units), 0)::bigint, coalesce(sum(p.charged_units), 0)::bigint,
    coalesce(sum(p.credit_units) FILTER (WHERE NOT p.is_charged), 0)::bigint FROM priced p
$$;
--> statement-breakpoint
-- Books an attempt's calls and pays them from the step's hold. Never more than the hold: the rest is the platform's, and what
-- gave no result is too. With the step's end the hold closes.
CREATE FUNCTION pantheon_settle(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb, p_is_over boolean) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
-- A holder that never came back: nobody knows what its attempt used, so that it is booked to the platform at its bound.
CREATE OR REPLACE FUNCTION pantheon_book_lost_attempt(p_turn turns, p_step turn_steps, p_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  units bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT coalesce(max(h.units - h.charged_units), 0) INTO units FROM holds h WHERE h.step_id = p_step.id AND h.is_open;
  INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider, model_alias,
    provider_model, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths, multiplier_milli,
    pricing_version, credit_units, status, is_estimated, created_at)
  SELECT p_id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_step.token, 0, p_step.agent_key, p_step.purpose,
    'openrouter', a->>'model_alias', a->>'provider_model', 0, 0, 0, 0, 0, units / (a->>'multiplier_milli')::int, (a->>'multiplier_milli')::int,
    p_turn.plan->>'pricing_version', units, 'lost', true, pantheon_now()
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a WHERE a->>'key' = p_step.agent_key;
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'lost:' || p_step.id || ':' || p_step.token, p_turn.owner_id, e.kind, 'lost', e.sign * units, p_turn.id, pantheon_now()
  FROM (VALUES ('revenue', 1), ('waste', -1)) AS e(kind, sign) WHERE units > 0;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_try_hold(uuid), pantheon_release(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_try_hold(uuid), pantheon_release(uuid) TO pantheon_app, pantheon_system;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_try_hold(uuid) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_release(uuid) OWNER TO pantheon_system;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
