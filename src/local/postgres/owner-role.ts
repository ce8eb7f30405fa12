import type { PGlite } from "@electric-sql/pglite";

export const ownerRole = "pantheon_owner";

const unsealedFlag = "/tmp/pantheon-unsealed";

/**
 * PGlite always logs in as the bootstrap superuser, and a session can go back to the role it logged in as. So that
 * role's own powers are taken away (sealed) once the session has become the owner, and given back only while this
 * process has put a file where no SQL statement can.
 */
const setUp = `
create role ${ownerRole} login nosuperuser nobypassrls createrole;
create role pantheon_root nologin superuser;
do $do$ begin execute format('alter database %I owner to ${ownerRole}', current_database()); end $do$;
create function pg_catalog.pantheon_unseal() returns void language plpgsql security definer
  set search_path = pg_catalog as $body$
begin
  if pg_stat_file('${unsealedFlag}', true) is null then
    raise exception 'the superuser is sealed' using errcode = '42501';
  end if;
  update pg_authid set rolsuper = true where oid = 10;
end $body$;
create function pg_catalog.pantheon_seal() returns void language sql security definer
  set search_path = pg_catalog as $body$
  update pg_authid
  set rolsuper = false, rolbypassrls = false, rolcreaterole = false, rolcreatedb = false, rolreplication = false
  where oid = 10
$body$;
alter function pg_catalog.pantheon_unseal() owner to pantheon_root;
alter function pg_catalog.pantheon_seal() owner to pantheon_root;
revoke all on function pg_catalog.pantheon_unseal() from public;
grant execute on function pg_catalog.pantheon_unseal() to postgres;
`;

/** Names the roles' set-up, for caches of a database that has it. */
export const ownerSetUpText = setUp;

export async function becomeOwner(database: PGlite): Promise<void> {
  if (!(await hasOwner(database))) await database.exec(setUp);
  database.Module.FS.writeFile(unsealedFlag, "");
  try {
    await database.exec("select pg_catalog.pantheon_unseal()");
  } finally {
    database.Module.FS.unlink(unsealedFlag);
  }
  await database.exec(`set session authorization ${ownerRole}`);
  await database.exec("select pg_catalog.pantheon_seal()");
}

async function hasOwner(database: PGlite): Promise<boolean> {
  const { rows } = await database.query("select from pg_roles where rolname = $1", [ownerRole]);
  return rows.length > 0;
}
