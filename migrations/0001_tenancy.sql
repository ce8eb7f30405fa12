-- Two roles that nobody logs in as: requests of users run as pantheon_app, steps and sweeps as pantheon_system.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pantheon_app') THEN CREATE ROLE pantheon_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pantheon_system') THEN CREATE ROLE pantheon_system NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server migrates at this moment
END $$;
--> statement-breakpoint
-- SET only, where the server knows the difference: a forgotten role switch then sees nothing rather than everything.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT pantheon_app, pantheon_system TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
  ELSE
    GRANT pantheon_app, pantheon_system TO CURRENT_USER;
  END IF;
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO pantheon_app, pantheon_system;
--> statement-breakpoint
-- The only clock of the database's decisions; tests replace it to shift time.
CREATE FUNCTION pantheon_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() $$;
--> statement-breakpoint
CREATE FUNCTION pantheon_user_id() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
--> statement-breakpoint
CREATE FUNCTION pantheon_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pantheon_now();
  RETURN NEW;
END $$;
--> statement-breakpoint
-- Row security and the updated_at trigger for one tenant table; every migration that adds one calls this.
CREATE PROCEDURE pantheon_protect(tenant_table regclass, owner_column text, app_rights text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('CREATE POLICY tenant ON %s TO pantheon_app USING (%I = (SELECT pantheon_user_id())) WITH CHECK (%I = (SELECT pantheon_user_id()))',
    tenant_table, owner_column, owner_column);
  EXECUTE format('CREATE POLICY system ON %s TO pantheon_system USING (true) WITH CHECK (true)', tenant_table);
  EXECUTE format('GRANT %s ON %s TO pantheon_app', app_rights, tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO pantheon_system', tenant_table);
  IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = tenant_table AND attname = 'updated_at' AND NOT attisdropped) THEN
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pantheon_touch()', tenant_table);
  END IF;
END $$;
--> statement-breakpoint
CALL pantheon_protect('users', 'id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('api_keys', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('idempotency_keys', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('rooms', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('room_agents', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('sessions', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('accounts', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('ledger_entries', 'owner_id', 'SELECT');
--> statement-breakpoint
-- A user sees what is theirs; the platform's counter-accounts are not.
ALTER POLICY tenant ON accounts USING (owner_id = (SELECT pantheon_user_id()) AND kind IN ('wallet', 'held'));
--> statement-breakpoint
ALTER POLICY tenant ON ledger_entries USING (owner_id = (SELECT pantheon_user_id()) AND account_kind IN ('wallet', 'held'));
--> statement-breakpoint
REVOKE UPDATE, DELETE ON ledger_entries FROM pantheon_system;
--> statement-breakpoint
-- The rows of an operation come in one statement, sum to zero, and are the only thing that moves a balance.
CREATE FUNCTION pantheon_ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_entries GROUP BY operation_key HAVING sum(amount_units) <> 0) THEN
    RAISE EXCEPTION 'a money operation does not sum to zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_sum_zero';
  END IF;
  -- Locked in one order, so that two operations on the same accounts cannot deadlock.
  PERFORM 1 FROM accounts a WHERE (a.owner_id, a.kind) IN (SELECT owner_id, account_kind FROM new_entries)
    ORDER BY a.owner_id, a.kind FOR NO KEY UPDATE;
  UPDATE accounts a SET balance_units = a.balance_units + moved.units
  FROM (SELECT owner_id, account_kind, sum(amount_units) AS units FROM new_entries GROUP BY 1, 2) AS moved
  WHERE a.owner_id = moved.owner_id AND a.kind = moved.account_kind;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_apply AFTER INSERT ON ledger_entries
  REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION pantheon_ledger_apply();
--> statement-breakpoint
CREATE FUNCTION pantheon_ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entries are never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_final';
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_is_final BEFORE UPDATE OR DELETE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION pantheon_ledger_is_final();
--> statement-breakpoint
-- Names the user of this transaction; on first sight makes the user, the accounts and the first grant.
CREATE FUNCTION pantheon_authenticate_user(p_user_id uuid, p_email text, p_grant_units bigint)
RETURNS TABLE (user_id uuid, email text, scopes text[], created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT 1 FROM users u WHERE u.id = p_user_id) THEN
    INSERT INTO users (id, email) VALUES (p_user_id, p_email) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO accounts (owner_id, kind)
        SELECT p_user_id, unnest(ARRAY['wallet', 'held', 'revenue', 'granted', 'waste', 'variance']);
      IF p_grant_units > 0 THEN
        INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
          VALUES ('signup', p_user_id, 'granted', 'signup_grant', -p_grant_units),
                 ('signup', p_user_id, 'wallet', 'signup_grant', p_grant_units);
      END IF;
    END IF;
  ELSIF p_email IS NOT NULL THEN
    UPDATE users u SET email = p_email WHERE u.id = p_user_id AND u.email IS DISTINCT FROM p_email;
  END IF;
  PERFORM set_config('app.user_id', p_user_id::text, true);
  RETURN QUERY SELECT u.id, u.email, NULL::text[], u.created_at FROM users u WHERE u.id = p_user_id;
END $$;
--> statement-breakpoint
-- The same for an API key. A refusal aborts the transaction, so that nothing after it can take effect.
CREATE FUNCTION pantheon_authenticate_key(p_short text, p_secret_hash text, p_scope text)
RETURNS TABLE (user_id uuid, email text, scopes text[], created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  found_key api_keys%ROWTYPE;
  salt bytea := uuid_send(gen_random_uuid());
BEGIN
  SELECT * INTO found_key FROM api_keys k WHERE k.short = p_short;
  -- Hashed once more under a fresh salt: how long the comparison takes says nothing about the stored hash.
  IF found_key.id IS NULL
    OR sha256(salt || convert_to(found_key.secret_hash, 'UTF8')) <> sha256(salt || convert_to(p_secret_hash, 'UTF8'))
    OR found_key.revoked_at IS NOT NULL
    OR found_key.expires_at <= pantheon_now()
  THEN
    RAISE EXCEPTION 'the API key is not valid' USING ERRCODE = 'PT401';
  END IF;
  IF p_scope IS NOT NULL AND NOT p_scope = ANY (found_key.scopes) THEN
    RAISE EXCEPTION 'the API key lacks the scope %', p_scope USING ERRCODE = 'PT403';
  END IF;
  PERFORM set_config('app.user_id', found_key.owner_id::text, true);
  RETURN QUERY SELECT u.id, u.email, found_key.scopes, u.created_at FROM users u WHERE u.id = found_key.owner_id;
END $$;
--> statement-breakpoint
-- Before the functions change hands: afterwards a migrator without the system role's rights could only seem to do it.
REVOKE EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint), pantheon_authenticate_key(text, text, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint), pantheon_authenticate_key(text, text, text) TO pantheon_app;
--> statement-breakpoint
-- Owned by the system role, so that row security lets them through without a superuser.
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_authenticate_user(uuid, text, bigint) OWNER TO pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_authenticate_key(text, text, text) OWNER TO pantheon_system;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
INSERT INTO pricing_versions (id, effective_at) VALUES ('2026-02-20', '2026-02-20T00:00:00Z');
--> statement-breakpoint
INSERT INTO model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli,
  input_micro_usd_per_million, cached_micro_usd_per_million, output_micro_usd_per_million) VALUES
  ('2026-02-20', 'deepseek', 'deepseek/deepseek-chat', 163840, 500, 270000, 70000, 1100000),
  ('2026-02-20', 'gemini-flash', 'google/gemini-2.5-flash', 1048576, 800, 300000, 75000, 2500000),
  ('2026-02-20', 'gemini-pro', 'google/gemini-2.5-pro', 1048576, 1200, 1250000, 310000, 10000000),
  ('2026-02-20', 'gpt-4o-mini', 'openai/gpt-4o-mini', 128000, 1000, 150000, 75000, 600000),
  ('2026-02-20', 'gpt-4o', 'openai/gpt-4o', 128000, 2000, 2500000, 1250000, 10000000),
  ('2026-02-20', 'claude-haiku', 'anthropic/claude-haiku-4.5', 200000, 800, 1000000, 100000, 5000000),
  ('2026-02-20', 'claude-sonnet', 'anthropic/claude-sonnet-4.5', 200000, 1500, 3000000, 300000, 15000000);
--> statement-breakpoint
-- Prices belong to no tenant: everyone reads, only the system adds, nobody changes.
ALTER TABLE pricing_versions ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE pricing_versions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE model_prices ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE model_prices FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY readable ON pricing_versions FOR SELECT TO pantheon_app, pantheon_system USING (true);
--> statement-breakpoint
CREATE POLICY readable ON model_prices FOR SELECT TO pantheon_app, pantheon_system USING (true);
--> statement-breakpoint
CREATE POLICY added ON pricing_versions FOR INSERT TO pantheon_system WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY added ON model_prices FOR INSERT TO pantheon_system WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT ON pricing_versions, model_prices TO pantheon_app, pantheon_system;
--> statement-breakpoint
GRANT INSERT ON pricing_versions, model_prices TO pantheon_system;
--> statement-breakpoint
-- The prices in force at this moment.
CREATE VIEW current_model_prices WITH (security_invoker = true) AS
  SELECT p.* FROM model_prices p
  WHERE p.pricing_version = (
    SELECT v.id FROM pricing_versions v WHERE v.effective_at <= pantheon_now() ORDER BY v.effective_at DESC, v.id DESC LIMIT 1
  );
--> statement-breakpoint
GRANT SELECT ON current_model_prices TO pantheon_app, pantheon_system;
