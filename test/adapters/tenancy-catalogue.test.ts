import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import {
  insertInto,
  loosen,
  plantRows,
  rowsAs,
  rowsOf,
  type TenantTable,
  tenantTables,
} from "../support/tenant-rows.ts";

const refusedByPrivilegeOrPolicy = { details: { code: "42501" } };

async function authenticate({ backend }: TestDatabase, userId: string): Promise<void> {
  await backend.runBatch([
    { sql: "set local role pantheon_app" },
    { sql: "select pantheon_authenticate_user($1, null, 100000000000)", params: [userId] },
  ]);
}

describe.each(databaseKinds)("the catalogue of $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!isMissing) database = await open();
  });
  afterAll(() => database?.stop());

  const none = async (sql: string) => expect(await rowsOf(database.backend, sql)).toEqual([]);
  const tables = "pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')";

  it.skipIf(isMissing)("holds tables at all, most of them a tenant's", async () => {
    const names = (await tenantTables(database.backend)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["users", "api_keys", "rooms", "room_agents", "sessions", "accounts"]),
    );
    expect(names.length).toBeGreaterThanOrEqual(8);
  });

  it.skipIf(isMissing)("has row security enabled and forced on every table", () =>
    none(`select c.relname from ${tables} and not (c.relrowsecurity and c.relforcerowsecurity)`),
  );

  it.skipIf(isMissing)("knows whose a row is, unless it is a price", async () => {
    const tenants = (await tenantTables(database.backend)).map(({ name }) => name);
    const all = (await rowsOf(database.backend, `select c.relname from ${tables}`)).map(([name]) => name ?? "");
    expect(all.filter((name) => !tenants.includes(name)).sort()).toEqual([
      "model_prices",
      "pricing_versions",
      "token_calibrations",
    ]);
  });

  it.skipIf(isMissing)(
    "has a policy for tenants and one for the system on every tenant table, and no other",
    async () => {
      const policies = await rowsOf(
        database.backend,
        "select tablename, string_agg(policyname || ' to ' || array_to_string(roles, ','), ';' order by policyname) from pg_policies where schemaname = 'public' group by 1",
      );
      const byTable = new Map(policies.map(([table, all]) => [table, all]));
      for (const { name } of await tenantTables(database.backend))
        expect([name, byTable.get(name)]).toEqual([name, "system to pantheon_system;tenant to pantheon_app"]);
    },
  );

  it.skipIf(isMissing)("compares every tenant policy with the user, for what is seen and for what is written", () =>
    none(`select tablename from pg_policies where schemaname = 'public' and policyname = 'tenant'
      and not (qual like '%pantheon_user_id()%' and with_check like '%pantheon_user_id()%')`),
  );

  it.skipIf(isMissing)("asks every view with the rights of whoever looks", () =>
    none(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
      and not coalesce(reloptions @> array['security_invoker=true'], false)`),
  );

  it.skipIf(isMissing)("points no foreign key at a missing table, and none across tenants", async () => {
    await none(`select k.conname from pg_constraint k left join pg_class c on c.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = 'public'::regnamespace and (c.oid is null or not k.convalidated)`);
    const owned = (column: string, table: string) =>
      `exists (select 1 from pg_attribute a where a.attrelid = k.${table} and a.attname = 'owner_id' and a.attnum = any (k.${column}))`;
    await none(`select k.conname from pg_constraint k
      where k.contype = 'f' and k.connamespace = 'public'::regnamespace
        and exists (select 1 from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'owner_id')
        and not (${owned("conkey", "conrelid")} and ${owned("confkey", "confrelid")})`);
  });

  it.skipIf(isMissing)("touches updated_at on every table that has one", () =>
    none(`select c.relname from ${tables}
      and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'updated_at' and not a.attisdropped)
      and not exists (select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'pantheon_touch'::regproc and t.tgenabled = 'O')`),
  );

  it.skipIf(isMissing)(
    "pins the search path of every function that runs as its owner, and lets no stranger call it",
    async () => {
      const definers = "pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef";
      expect((await rowsOf(database.backend, `select p.proname from ${definers}`)).length).toBeGreaterThanOrEqual(2);
      await none(`select p.proname from ${definers}
      and not coalesce(array_to_string(p.proconfig, ',') like '%search_path=public, pg_temp%', false)`);
      await none(`select p.proname from ${definers} and has_function_privilege('public', p.oid, 'execute')`);
      await none(`select p.proname from ${definers} and pg_get_userbyid(p.proowner) <> 'pantheon_system'`);
    },
  );

  it.skipIf(isMissing)("gives neither role any power beyond its tables", async () => {
    await none(`select rolname from pg_roles where rolname in ('pantheon_app', 'pantheon_system', 'pantheon_owner')
      and (rolsuper or rolbypassrls or rolcreatedb or rolreplication)`);
    await none(`select rolname from pg_roles where rolname in ('pantheon_app', 'pantheon_system')
      and (rolcanlogin or rolcreaterole or has_schema_privilege(rolname, 'public', 'create'))`);
    await none(`select c.relname from ${tables} and (has_table_privilege('pantheon_app', c.oid, 'truncate')
      or has_table_privilege('pantheon_app', c.oid, 'trigger') or has_table_privilege('pantheon_app', c.oid, 'references'))`);
  });

  it.skipIf(isMissing)("lets nobody rewrite the ledger", async () => {
    const user = randomUUID();
    await authenticate(database, user);
    for (const sql of ["update ledger_entries set amount_units = 1", "delete from ledger_entries"])
      expect(await errorOf(rowsAs(database.backend, "pantheon_system", { sql }))).toMatchObject(
        refusedByPrivilegeOrPolicy,
      );
  });

  it.skipIf(isMissing)("hangs no child below another tenant's parent, whoever writes it", async () => {
    const [ada, bob] = [randomUUID(), randomUUID()];
    for (const user of [ada, bob]) await authenticate(database, user);
    const room = randomUUID();
    const makeRoom = "insert into rooms (id, owner_id, name, goal, mode) values ($1, $2, 'x', '', 'manual')";
    await rowsAs(database.backend, "pantheon_system", { sql: makeRoom, params: [room, ada] });
    const open = (owner: string) => ({
      sql: "insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')",
      params: [randomUUID(), owner, room],
    });
    const wrong = await errorOf(rowsAs(database.backend, "pantheon_system", open(bob)));
    expect(wrong).toMatchObject({ details: { code: "23503", constraint: "sessions_room" } });
    expect(await errorOf(rowsAs(database.backend, "pantheon_app", open(bob), bob))).toMatchObject({
      details: { code: "23503" },
    });
    await rowsAs(database.backend, "pantheon_app", open(ada), ada);
  });
});

describe.each(databaseKinds)("a query that forgets its WHERE, on $title", ({ isMissing, open }) => {
  const [ada, bob] = [randomUUID(), randomUUID()];
  let database: TestDatabase;
  let tables: readonly TenantTable[] = [];
  beforeAll(async () => {
    if (isMissing) return;
    database = await open();
    for (const user of [ada, bob]) await authenticate(database, user);
    await loosen(database.backend);
    await plantRows(database.backend, ada);
    tables = await tenantTables(database.backend);
  });
  afterAll(() => database?.stop());

  /** Null where the role may not even ask. */
  async function attempt(sql: string, userId: string): Promise<string | null | undefined> {
    try {
      const [row] = await rowsAs(database.backend, "pantheon_app", { sql }, userId);
      return row?.[0];
    } catch (error) {
      expect(error).toMatchObject(refusedByPrivilegeOrPolicy);
      return null;
    }
  }

  it.skipIf(isMissing)("finds a row of Ada in every tenant table, so that there is something to hide", async () => {
    for (const { name, owner } of tables) {
      const sql = `select count(*) > 0 from "${name}" where "${owner}" = '${ada}'`;
      expect([name, ...(await rowsAs(database.backend, "pantheon_system", { sql }))]).toEqual([name, ["t"]]);
    }
  });

  it.skipIf(isMissing)("shows Bob nothing of Ada's in any table, nor anybody who is nobody", async () => {
    for (const { name, owner } of tables) {
      for (const user of [bob, randomUUID(), ""]) {
        const seen = await attempt(`select count(*) from "${name}" where "${owner}" <> '${bob}'`, user);
        expect([name, user, seen]).toEqual([name, user, seen === null ? null : "0"]);
      }
      const unnamed = await attempt(`select count(*) from "${name}"`, randomUUID());
      expect([name, unnamed]).toEqual([name, unnamed === null ? null : "0"]);
    }
  });

  it.skipIf(isMissing)(
    "shows Ada her own rows where she may look, so that the nothing above means something",
    async () => {
      const seen = [];
      for (const { name } of tables)
        if (Number(await attempt(`select count(*) from "${name}"`, ada)) > 0) seen.push(name);
      expect(seen).toEqual(
        expect.arrayContaining(["users", "api_keys", "rooms", "room_agents", "sessions", "accounts"]),
      );
    },
  );

  it.skipIf(isMissing)("lets Bob change, delete or make nothing of Ada's in any table", async () => {
    for (const table of tables) {
      const { name, owner } = table;
      const count = { sql: `select count(*) from "${name}" where "${owner}" = '${ada}'` };
      const before = await rowsAs(database.backend, "pantheon_system", count);
      await attempt(`update "${name}" set "${owner}" = "${owner}"`, bob);
      await attempt(`delete from "${name}"`, bob);
      const insert = await insertInto(database.backend, table, { userId: ada, id: randomUUID() });
      const refusal = await errorOf(rowsAs(database.backend, "pantheon_app", insert, bob));
      expect(refusal).toMatchObject(refusedByPrivilegeOrPolicy);
      expect([name, await rowsAs(database.backend, "pantheon_system", count)]).toEqual([name, before]);
    }
  });

  it.skipIf(isMissing)("lets nobody give a row away", async () => {
    for (const { name, owner } of tables) {
      const taken = await attempt(`update "${name}" set "${owner}" = '${bob}' returning 1`, ada);
      expect([name, taken]).toEqual([name, taken === null ? null : undefined]);
    }
  });
});
