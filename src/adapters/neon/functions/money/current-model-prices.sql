-- An alias has the price of the last version in force that names it; all stand under the last version in force.
CREATE OR REPLACE VIEW current_model_prices WITH (security_invoker = true) AS
  SELECT DISTINCT ON (p.alias)
    (SELECT f.id FROM pricing_versions f WHERE f.effective_at <= pantheon_now()
      ORDER BY f.effective_at DESC, f.id COLLATE "C" DESC LIMIT 1)
      AS pricing_version,
    p.alias, p.provider_model, p.context_limit, p.multiplier_milli, p.input_micro_usd_per_million,
    p.cached_micro_usd_per_million, p.output_micro_usd_per_million
  FROM model_prices p JOIN pricing_versions v ON v.id = p.pricing_version
  WHERE v.effective_at <= pantheon_now()
  ORDER BY p.alias, v.effective_at DESC, v.id COLLATE "C" DESC;

GRANT SELECT ON current_model_prices TO pantheon_app, pantheon_system;
