-- An API key that is refused aborts the transaction, so that nothing after it can take effect.
CREATE OR REPLACE FUNCTION pantheon_authenticate_key(p_short text, p_secret_hash text, p_scope text)
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

REVOKE EXECUTE ON FUNCTION pantheon_authenticate_key(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_authenticate_key(text, text, text) TO pantheon_app;
ALTER FUNCTION pantheon_authenticate_key(text, text, text) OWNER TO pantheon_system;
