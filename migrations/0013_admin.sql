-- For the platform's figures over a span of time: they are read rarely, so that the index must cost a write next to nothing.
CREATE INDEX "llm_call_events_time" ON "llm_call_events" USING brin ("created_at");
--> statement-breakpoint
CREATE INDEX "ledger_entries_platform" ON "ledger_entries" ("created_at") WHERE account_kind IN ('waste', 'variance');
--> statement-breakpoint
-- A version's prices come in the transaction that makes the version; from then on nobody can add one.
CREATE FUNCTION pantheon_prices_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_prices p JOIN pricing_versions v ON v.id = p.pricing_version WHERE NOT v.xmin = pg_current_xact_id()::xid) THEN
    RAISE EXCEPTION 'the prices of a version are final' USING ERRCODE = 'check_violation', CONSTRAINT = 'model_prices_final';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER prices_are_final AFTER INSERT ON model_prices
  REFERENCING NEW TABLE AS new_prices FOR EACH STATEMENT EXECUTE FUNCTION pantheon_prices_are_final();
--> statement-breakpoint
-- The row and the money in one: who gave is who asks. An unknown receiver is refused by the foreign key.
CREATE FUNCTION pantheon_admin_grant(p_id uuid, p_owner uuid, p_reason text, p_units bigint, p_created_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO grants (id, owner_id, granted_by, reason, units, created_at)
    VALUES (p_id, p_owner, pantheon_user_id(), p_reason, p_units, p_created_at);
  PERFORM pantheon_lock_money(p_owner);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, created_at)
    SELECT 'grant:' || p_id, p_owner, e.kind, 'admin_grant', e.sign * p_units, pantheon_now()
    FROM (VALUES ('granted', -1), ('wallet', 1)) AS e(kind, sign);
END $$;
--> statement-breakpoint
CREATE FUNCTION pantheon_admin_grants(p_owner uuid, p_before uuid, p_limit int) RETURNS SETOF grants
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM grants g WHERE (p_owner IS NULL OR g.owner_id = p_owner) AND (p_before IS NULL OR g.id < p_before)
  ORDER BY g.id DESC LIMIT p_limit
$$;
--> statement-breakpoint
-- Every model call of every user by day, week (from Monday) or month in UTC. Sums are text: they may be longer than any number.
CREATE FUNCTION pantheon_admin_usage(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, active_users bigint, model_calls bigint, lost_calls bigint, fresh_tokens numeric, cached_tokens numeric,
  output_tokens numeric, metered_units text, charged_units text, cost_usd_pico text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT to_char(date_trunc(p_period, c.created_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD'), count(DISTINCT c.owner_id),
    count(*) FILTER (WHERE c.status <> 'lost'), count(*) FILTER (WHERE c.status = 'lost'),
    sum(c.fresh_tokens), sum(c.cached_tokens), sum(c.output_tokens),
    sum(c.credit_units)::text, sum(c.charged_units)::text, sum(c.cost_usd_pico)::text
  FROM llm_call_events c
  WHERE c.created_at >= coalesce(p_from, '-infinity')
    AND c.created_at < coalesce(p_before, 'infinity')
  GROUP BY 1 ORDER BY 1 DESC LIMIT p_limit
$$;
--> statement-breakpoint
-- What the platform paid in its users' place, as positive figures, beside the attempts that came to nothing.
CREATE FUNCTION pantheon_admin_waste(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, waste_units text, variance_units text, lost_calls bigint, failed_calls bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH span AS (
    SELECT coalesce(p_from, '-infinity') AS starts, coalesce(p_before, 'infinity') AS ends
  ), paid AS (
    SELECT date_trunc(p_period, e.created_at AT TIME ZONE 'UTC') AS period, -sum(e.amount_units) FILTER (WHERE e.account_kind = 'waste') AS waste,
      -sum(e.amount_units) FILTER (WHERE e.account_kind = 'variance') AS variance
    FROM ledger_entries e, span WHERE e.account_kind IN ('waste', 'variance') AND e.created_at >= span.starts AND e.created_at < span.ends GROUP BY 1
  ), missed AS (
    SELECT date_trunc(p_period, c.created_at AT TIME ZONE 'UTC') AS period, count(*) FILTER (WHERE c.status = 'lost') AS lost,
      count(*) FILTER (WHERE c.status IN ('failed', 'aborted')) AS failed
    FROM llm_call_events c, span WHERE c.status <> 'ok' AND c.created_at >= span.starts AND c.created_at < span.ends GROUP BY 1
  )
  SELECT to_char(period, 'YYYY-MM-DD'), coalesce(paid.waste, 0)::text, coalesce(paid.variance, 0)::text, coalesce(missed.lost, 0),
    coalesce(missed.failed, 0)
  FROM paid FULL JOIN missed USING (period) ORDER BY period DESC LIMIT p_limit
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_admin_accounts() RETURNS TABLE (kind text, units text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.kind, sum(a.balance_units)::text FROM accounts a GROUP BY a.kind
$$;
--> statement-breakpoint
-- Allows a minute for the way here. What is in force never changes afterwards: a turn's prices can always be looked up again.
CREATE FUNCTION pantheon_admin_add_pricing_version(p_id text, p_effective_at timestamptz, p_created_at timestamptz, p_prices jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO pricing_versions (id, effective_at, created_at) VALUES (p_id, p_effective_at, p_created_at);
  IF p_effective_at < pantheon_now() - interval '1 minute' THEN
    RAISE EXCEPTION 'a version cannot begin in the past' USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_versions_not_past';
  END IF;
  INSERT INTO model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli, input_micro_usd_per_million,
    cached_micro_usd_per_million, output_micro_usd_per_million)
  SELECT p_id, p.* FROM jsonb_to_recordset(p_prices) AS p(alias text, provider_model text, context_limit int, multiplier_milli int,
    input_micro_usd_per_million bigint, cached_micro_usd_per_million bigint, output_micro_usd_per_million bigint);
END $$;
--> statement-breakpoint
-- Every figure that is kept twice, where the two differ: always empty.
CREATE VIEW pantheon_money_mismatches WITH (security_invoker = true) AS
WITH held AS (
  SELECT h.step_id, h.owner_id, h.turn_id, t.session_id, t.room_id, h.held_on, h.charged_units AS spent,
    CASE WHEN h.is_open THEN h.units - h.charged_units ELSE 0 END AS rest
  FROM holds h LEFT JOIN turns t ON t.id = h.turn_id
), scoped AS (
  SELECT h.owner_id, s.scope, s.scope_key, sum(h.rest) AS held, sum(h.spent) AS spent
  FROM held h CROSS JOIN LATERAL (VALUES ('day', to_char(h.held_on, 'YYYY-MM-DD')), ('month', to_char(h.held_on, 'YYYY-MM')),
    ('room', h.room_id::text), ('session', h.session_id::text), ('turn', h.turn_id::text)) AS s(scope, scope_key)
  GROUP BY 1, 2, 3
), counted AS (
  SELECT coalesce(c.owner_id, s.owner_id) AS owner_id, coalesce(c.scope, s.scope) || ':' || coalesce(c.scope_key, s.scope_key) AS scope,
    coalesce(s.held, 0) AS held, coalesce(s.spent, 0) AS spent, coalesce(c.held_units, 0) AS held_found, coalesce(c.spent_units, 0) AS spent_found
  FROM budget_counters c FULL JOIN scoped s ON s.owner_id = c.owner_id AND s.scope = c.scope AND s.scope_key = c.scope_key
), called AS (
  SELECT owner_id, sum(credit_units) AS metered, sum(charged_units) AS charged FROM llm_call_events GROUP BY 1
), balances AS (
  SELECT owner_id, coalesce(sum(balance_units) FILTER (WHERE kind = 'held'), 0) AS held,
    coalesce(sum(balance_units) FILTER (WHERE kind = 'revenue'), 0) AS revenue,
    coalesce(sum(balance_units) FILTER (WHERE kind IN ('waste', 'variance')), 0) AS platform
  FROM accounts GROUP BY 1
), compared AS (
  SELECT coalesce(a.owner_id, e.owner_id) AS owner_id, 'balance ' || coalesce(a.kind, e.account_kind) AS what, coalesce(e.units, 0) AS expected,
    coalesce(a.balance_units, 0)::numeric AS found
  FROM accounts a FULL JOIN (SELECT owner_id, account_kind, sum(amount_units) AS units FROM ledger_entries GROUP BY 1, 2) AS e
    ON e.owner_id = a.owner_id AND e.account_kind = a.kind
  UNION ALL
  SELECT owner_id, 'operation ' || operation_key, 0, sum(amount_units) FROM ledger_entries GROUP BY owner_id, operation_key
  UNION ALL
  SELECT coalesce(b.owner_id, h.owner_id), 'held', coalesce(h.rest, 0), coalesce(b.held, 0)
  FROM balances b FULL JOIN (SELECT owner_id, sum(rest) AS rest FROM held GROUP BY 1) AS h ON h.owner_id = b.owner_id
  UNION ALL
  SELECT owner_id, 'budget held ' || scope, held, held_found FROM counted
  UNION ALL
  SELECT owner_id, 'budget spent ' || scope, spent, spent_found FROM counted
  UNION ALL
  SELECT h.owner_id, 'charged to hold ' || h.step_id, coalesce(c.charged, 0), h.spent
  FROM held h LEFT JOIN (SELECT step_id, sum(charged_units) AS charged FROM llm_call_events GROUP BY 1) AS c ON c.step_id = h.step_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'revenue', coalesce(c.metered, 0), coalesce(b.revenue, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'waste and variance', coalesce(c.charged - c.metered, 0), coalesce(b.platform, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(g.owner_id, e.owner_id), coalesce('grant:' || g.id, e.operation_key), coalesce(g.units, 0), coalesce(e.units, 0)
  FROM grants g FULL JOIN (SELECT owner_id, operation_key, sum(amount_units) AS units FROM ledger_entries
    WHERE reason = 'admin_grant' AND account_kind = 'wallet' GROUP BY 1, 2) AS e ON e.owner_id = g.owner_id AND e.operation_key = 'grant:' || g.id
)
SELECT owner_id, what, expected, found FROM compared WHERE expected <> found;
--> statement-breakpoint
GRANT SELECT ON pantheon_money_mismatches TO pantheon_system;
--> statement-breakpoint
-- Calls that were made before there was any money to pay them with are the platform's.
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
SELECT 'before_money', c.owner_id, e.kind, 'before_money', e.sign * c.units
FROM (SELECT m.owner_id, (m.expected - m.found)::bigint AS units FROM pantheon_money_mismatches m WHERE m.what = 'revenue' AND m.expected > m.found) AS c
CROSS JOIN (VALUES ('revenue', 1), ('waste', -1)) AS e(kind, sign);
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
-- Before the functions change hands, as in the first migration.
REVOKE EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz), pantheon_admin_grants(uuid, uuid, int),
  pantheon_admin_usage(text, timestamptz, timestamptz, int), pantheon_admin_waste(text, timestamptz, timestamptz, int), pantheon_admin_accounts(),
  pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz), pantheon_admin_grants(uuid, uuid, int),
  pantheon_admin_usage(text, timestamptz, timestamptz, int), pantheon_admin_waste(text, timestamptz, timestamptz, int), pantheon_admin_accounts(),
  pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) TO pantheon_app;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_grants(uuid, uuid, int) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_accounts() OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) OWNER TO pantheon_system;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
