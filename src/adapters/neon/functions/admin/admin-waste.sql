-- What the platform paid in its users' place is a positive figure, beside the attempts that came to nothing.
CREATE OR REPLACE FUNCTION pantheon_admin_waste(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, waste_units text, variance_units text, lost_calls bigint, failed_calls bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH span AS (
    SELECT coalesce(p_from, '-infinity') AS starts, coalesce(p_before, 'infinity') AS ends
  ), paid AS (
    SELECT date_trunc(p_period, e.created_at AT TIME ZONE 'UTC') AS period,
      -sum(e.amount_units) FILTER (WHERE e.account_kind = 'waste') AS waste,
      -sum(e.amount_units) FILTER (WHERE e.account_kind = 'variance') AS variance
    FROM ledger_entries e, span WHERE e.account_kind IN ('waste', 'variance') AND e.created_at >= span.starts
      AND e.created_at < span.ends GROUP BY 1
  ), missed AS (
    SELECT date_trunc(p_period, c.created_at AT TIME ZONE 'UTC') AS period,
      count(*) FILTER (WHERE c.status = 'lost') AS lost,
      count(*) FILTER (WHERE c.status IN ('failed', 'aborted')) AS failed
    FROM llm_call_events c, span WHERE c.status <> 'ok' AND c.created_at >= span.starts AND c.created_at < span.ends
      GROUP BY 1
  )
  SELECT to_char(period, 'YYYY-MM-DD'), coalesce(paid.waste, 0)::text, coalesce(paid.variance, 0)::text,
    coalesce(missed.lost, 0), coalesce(missed.failed, 0)
  FROM paid FULL JOIN missed USING (period) ORDER BY period DESC LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) TO pantheon_app;
ALTER FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
