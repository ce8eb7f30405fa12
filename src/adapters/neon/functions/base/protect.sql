-- Every tenant table gets row security, two policies and its updated_at trigger here;
-- a migration that adds a table calls this.
CREATE OR REPLACE PROCEDURE pantheon_protect(tenant_table regclass, owner_column text, app_rights text)
  LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('CREATE POLICY tenant ON %s TO pantheon_app USING (%I = (SELECT pantheon_user_id()))'
    ' WITH CHECK (%I = (SELECT pantheon_user_id()))', tenant_table, owner_column, owner_column);
  EXECUTE format('CREATE POLICY system ON %s TO pantheon_system USING (true) WITH CHECK (true)', tenant_table);
  EXECUTE format('GRANT %s ON %s TO pantheon_app', app_rights, tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO pantheon_system', tenant_table);
  IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = tenant_table AND attname = 'updated_at'
    AND NOT attisdropped) THEN
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pantheon_touch()',
      tenant_table);
  END IF;
END $$;
