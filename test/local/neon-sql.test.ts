import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";

neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

const noMigrations = "/nonexistent/migrations";

for (const { title, isMissing, open } of databaseKinds) {
  describe.skipIf(isMissing)(`Neon's driver over ${title}`, () => {
    let database: TestDatabase;
    let sql: ReturnType<typeof neon<false, false>>;

    beforeAll(async () => {
      database = await open({ migrationsFolder: noMigrations });
      sql = neon(database.connectionString);
      await sql`create table items (id int primary key, name text not null unique, check (name <> 'refused'))`;
      await sql`create table parents (id int primary key)`;
      await sql`create table children (parent int references parents deferrable initially deferred)`;
    });
    afterAll(() => database.stop());

    it("parses each value from Postgres's own text", async () => {
      const [row] = await sql`select 42::int4 as small, 9007199254740993::int8 as big, 1.10::numeric as exact,
        true as yes, null::text as nothing, '{"a":[1]}'::jsonb as json, '\\x00ff'::bytea as bytes,
        '2026-01-02T03:04:05.678Z'::timestamptz as at, array[1,2] as list, ${"it's"}::text as quoted`;
      // drizzle, in whatever file of this process came first, leaves instants as the driver's text.
      expect({ ...row, at: new Date(row?.at) }).toEqual({
        small: 42,
        big: "9007199254740993",
        exact: "1.10",
        yes: true,
        nothing: null,
        json: { a: [1] },
        bytes: Buffer.from([0x00, 0xff]),
        at: new Date("2026-01-02T03:04:05.678Z"),
        list: [1, 2],
        quoted: "it's",
      });
    });

    it("takes arrays, bytes, objects and nulls as parameters", async () => {
      const rows = await sql.query(
        "select $1::int[] as list, $2::bytea as bytes, $3::jsonb as json, $4::int as nothing",
        [[1, 2], Buffer.from([1, 255]), { key: 'a "quoted" value' }, null],
      );
      expect(rows).toEqual([
        { list: [1, 2], bytes: Buffer.from([1, 255]), json: { key: 'a "quoted" value' }, nothing: null },
      ]);
    });

    it("returns command, count and column descriptions with fullResults", async () => {
      const full = neon(database.connectionString, { fullResults: true });
      const inserted = await full`insert into items values (1, 'one'), (2, 'two') returning id`;
      expect(inserted).toMatchObject({
        command: "INSERT",
        rowCount: 2,
        rowAsArray: false,
        rows: [{ id: 1 }, { id: 2 }],
      });
      expect(inserted.fields).toEqual([
        {
          name: "id",
          dataTypeID: 23,
          tableID: expect.any(Number),
          columnID: 1,
          dataTypeSize: 4,
          dataTypeModifier: -1,
          format: "text",
        },
      ]);
      expect(inserted.fields[0]?.tableID).toBeGreaterThan(16_000);
      expect(await full`create table unused ()`).toMatchObject({ command: "CREATE", rowCount: null, rows: [] });
    });

    it("keeps two columns of one name apart with arrayMode", async () => {
      expect(await sql.query("select 1 as same, 2 as same", [], { arrayMode: true })).toEqual([[1, 2]]);
    });

    it("runs a batch in one transaction at the isolation level and mode it names", async () => {
      const [isolation, readOnly] = await sql.transaction(
        [sql`show transaction_isolation`, sql`show transaction_read_only`],
        {
          isolationLevel: "Serializable",
          readOnly: true,
        },
      );
      expect(isolation).toEqual([{ transaction_isolation: "serializable" }]);
      expect(readOnly).toEqual([{ transaction_read_only: "on" }]);
      expect(
        await errorOf(sql.transaction([sql`insert into items values (50, 'no')`], { readOnly: true })),
      ).toMatchObject({
        code: "25006",
      });
    });

    it("rolls the whole batch back when one statement fails", async () => {
      const batch = sql.transaction([sql`insert into items values (60, 'sixty')`, sql`select 1 / 0`]);
      expect(await errorOf(batch)).toMatchObject({ code: "22012", severity: "ERROR" });
      expect(await sql`select from items where id = 60`).toEqual([]);
    });

    it("says which constraint of which table refused, and where a statement is wrong", async () => {
      const duplicate = await errorOf(sql.query("insert into items values ($1, 'x'), ($1, 'y')", ["70"]));
      expect(duplicate).toBeInstanceOf(NeonDbError);
      expect(duplicate).toMatchObject({
        message: 'duplicate key value violates unique constraint "items_pkey"',
        code: "23505",
        severity: "ERROR",
        detail: "Key (id)=(70) already exists.",
        schema: "public",
        table: "items",
        constraint: "items_pkey",
      });
      expect(await errorOf(sql`insert into items (id) values (71)`)).toMatchObject({ code: "23502", column: "name" });
      expect(await errorOf(sql`select nope`)).toMatchObject({ code: "42703", position: "8" });
      expect(await errorOf(sql`select * from itemz`)).toMatchObject({ code: "42P01", position: "15" });
    });

    it("reports a deferred constraint that fails at commit, and keeps nothing", async () => {
      const orphan = sql.transaction([
        sql`insert into items values (80, 'eighty')`,
        sql`insert into children values (1)`,
      ]);
      expect(await errorOf(orphan)).toMatchObject({ code: "23503", constraint: "children_parent_fkey" });
      expect(await sql`select from items where id = 80`).toEqual([]);
    });

    it("refuses several statements in one string, COPY from the client, and NUL in text", async () => {
      expect(await errorOf(sql.query("select 1; select 2"))).toMatchObject({ code: "42601" });
      expect(await errorOf(sql.query("copy items from stdin"))).toMatchObject({ code: "57014" });
      expect(await errorOf(sql`select ${"a\0b"}::text`)).toMatchObject({ code: "22021" });
      expect(await errorOf(sql`select ${"\ud800"}::text`)).toMatchObject({
        message: expect.stringContaining("could not parse the HTTP request body"),
      });
      expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }]);
    });

    it("gives every request a clean session", async () => {
      await sql`create role leaked nologin`;
      await sql`grant leaked to current_user`;
      await sql`set role leaked`;
      await sql`select set_config('app.user_id', 'leaked', false), pg_advisory_lock(5)`;
      await sql`create temp table leaked (id int)`;
      await sql`set statement_timeout = 1234`;
      await sql`begin`;
      const [session] = await sql`select current_user, coalesce(current_setting('app.user_id', true), '') as user_id,
        to_regclass('leaked') as temp, current_setting('statement_timeout') as timeout,
        (select count(*)::int from pg_locks where locktype = 'advisory') as locks`;
      expect(session).toEqual({ current_user: "pantheon_owner", user_id: "", temp: null, timeout: "0", locks: 0 });
      await sql`insert into items values (90, 'after an abandoned begin')`;
      expect(await sql`select id from items where id = 90`).toEqual([{ id: 90 }]);
      await sql`revoke leaked from current_user`;
      await sql`drop role leaked`;
    });

    it("runs as an owner without the powers that staging lacks", async () => {
      const roles = sql`select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user`;
      expect(await roles).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: true }]);
      expect(await errorOf(sql`create role evil superuser`)).toMatchObject({ code: "42501" });
      expect(await errorOf(sql`create role evil bypassrls`)).toMatchObject({ code: "42501" });
      await sql`create role plain nologin`;
      expect(await errorOf(sql`alter role plain superuser`)).toMatchObject({ code: "42501" });
      await sql`drop role plain`;
    });

    it("holds row-level security against a role the owner was granted, and SET ROLE needs that grant", async () => {
      await sql`create table secrets (owner text)`;
      await sql`create role reader nologin`;
      await sql.transaction([
        sql`alter table secrets enable row level security`,
        sql`create policy own on secrets using (owner = current_setting('app.user_id'))`,
        sql`insert into secrets values ('alice'), ('bob')`,
        sql`grant select on secrets to reader`,
        sql`grant reader to current_user`,
      ]);
      const [, , rows] = await sql.transaction([
        sql`set local role reader`,
        sql`select set_config('app.user_id', 'bob', true)`,
        sql`select * from secrets`,
      ]);
      expect(rows).toEqual([{ owner: "bob" }]);
      await sql`drop table secrets`;
      await sql`drop role reader`;
    });

    it("refuses a wrong password, user or string in Neon's shape", async () => {
      const wrongPassword = database.connectionString.replace("test-password", "wrong");
      expect(await errorOf(neon(wrongPassword)`select 1`)).toMatchObject({
        message: "password authentication failed for user 'pantheon_owner'",
      });
      const wrongUser = database.connectionString.replace("pantheon_owner", "someone");
      expect(await errorOf(neon(wrongUser)`select 1`)).toMatchObject({
        message: "password authentication failed for user 'someone'",
      });
      const bare = await fetch(database.fetchEndpoint, { method: "POST", body: `{"query":"select 1"}` });
      expect([bare.status, await bare.json()]).toMatchObject([400, { code: "", detail: null }]);
    });

    it("counts round trips, statements and rows, and tells listeners", async () => {
      const records: unknown[] = [];
      const remove = database.neon.onRequest((record) => records.push(record));
      database.neon.resetStats();
      await sql`select generate_series(1, 3)`;
      await sql.transaction([sql`select 1 as one`, sql`select 2 as two`]);
      await errorOf(sql`select 1 / 0`);
      remove();
      await sql`select 4`;
      expect(records).toEqual([
        { queries: ["select generate_series(1, 3)"], rowsReturned: 3 },
        { queries: ["select 1 as one", "select 2 as two"], rowsReturned: 2 },
        { queries: ["select 1 / 0"], rowsReturned: 0 },
      ]);
      expect(database.neon.stats()).toEqual({ requests: 4, statements: 5 });
    });
  });
}
