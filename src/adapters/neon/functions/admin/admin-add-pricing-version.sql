-- A version begins now or later, a minute for the way here allowed, and not before the one in force:
-- the prices of a moment can always be looked up again.
CREATE OR REPLACE FUNCTION pantheon_admin_add_pricing_version(p_id text, p_effective_at timestamptz,
  p_created_at timestamptz, p_prices jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- One at a time, so that each sees which version the one before brought into force.
  PERFORM pg_advisory_xact_lock(hashtextextended('pricing_versions', 0));
  INSERT INTO pricing_versions (id, effective_at, created_at) VALUES (p_id, p_effective_at, p_created_at);
  IF p_effective_at < pantheon_now() - interval '1 minute' THEN
    RAISE EXCEPTION 'a version cannot begin in the past'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_versions_not_past';
  END IF;
  IF EXISTS (SELECT 1 FROM pricing_versions v WHERE v.effective_at <= pantheon_now()
    AND (v.effective_at, v.id COLLATE "C") > (p_effective_at, p_id COLLATE "C"))
  THEN
    RAISE EXCEPTION 'a version cannot begin before the one in force'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_versions_after_current';
  END IF;
  INSERT INTO model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli,
    input_micro_usd_per_million, cached_micro_usd_per_million, output_micro_usd_per_million)
  SELECT p_id, p.* FROM jsonb_to_recordset(p_prices) AS p(alias text, provider_model text, context_limit int,
    multiplier_milli int, input_micro_usd_per_million bigint, cached_micro_usd_per_million bigint,
    output_micro_usd_per_million bigint);
END $$;

REVOKE EXECUTE ON FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) TO pantheon_app;
ALTER FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) OWNER TO pantheon_system;
