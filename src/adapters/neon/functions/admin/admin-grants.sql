-- Grants come newest first, a page at a time.
CREATE OR REPLACE FUNCTION pantheon_admin_grants(p_owner uuid, p_before uuid, p_limit int) RETURNS SETOF grants
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM grants g WHERE (p_owner IS NULL OR g.owner_id = p_owner) AND (p_before IS NULL OR g.id < p_before)
  ORDER BY g.id DESC LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION pantheon_admin_grants(uuid, uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pantheon_admin_grants(uuid, uuid, int) TO pantheon_app;
ALTER FUNCTION pantheon_admin_grants(uuid, uuid, int) OWNER TO pantheon_system;
