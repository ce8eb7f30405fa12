-- All users' model calls are summed by day, week (from Monday) or month in UTC; a sum is text, for it may be long.
CREATE OR REPLACE FUNCTION pantheon_admin_usage(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, active_users bigint, model_calls bigint, lost_calls bigint, fresh_tokens numeric,
  cached_tokens numeric, output_tokens numeric, metered_units text, charged_units text, cost_usd_pico text)
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

REVOKE EXECUTE ON FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) TO pantheon_app;
ALTER FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
