import { randomUUID } from "node:crypto";
import type { SqlBackend, SqlStatement } from "../../src/local/postgres/backend.ts";

export type Row = readonly (string | null)[];

export interface TenantTable {
  readonly name: string;
  /** The column that says whose a row is. */
  readonly owner: string;
}

export async function rowsOf(
  backend: SqlBackend,
  sql: string,
  params: readonly string[] = [],
): Promise<readonly Row[]> {
  return (await backend.run({ sql, params })).rows;
}

/** The last statement's rows, run as a role and, for a tenant's role, as a user. */
export async function rowsAs(
  backend: SqlBackend,
  role: "pantheon_app" | "pantheon_system",
  statement: SqlStatement,
  userId = "",
): Promise<readonly Row[]> {
  const results = await backend.runBatch([
    { sql: `select set_config('role', '${role}', true), set_config('app.user_id', $1, true)`, params: [userId] },
    statement,
  ]);
  return results.at(-1)?.rows ?? [];
}

/** Every table in which rows belong to a user, by the catalogue. */
export async function tenantTables(backend: SqlBackend): Promise<readonly TenantTable[]> {
  const rows = await rowsOf(
    backend,
    `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
       and (a.attname = 'owner_id' or (c.relname = 'users' and a.attname = 'id'))
     order by 1`,
  );
  return rows.map(([name, owner]) => ({ name: name ?? "", owner: owner ?? "" }));
}

/** Takes away what makes rows hard to invent: checks, keys between tables and triggers. Row security stays. */
export async function loosen(backend: SqlBackend): Promise<void> {
  const constraints = await rowsOf(
    backend,
    `select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) from pg_constraint k
     where k.connamespace = 'public'::regnamespace and k.contype in ('c', 'f') and k.conrelid <> 0`,
  );
  const triggers = await rowsOf(
    backend,
    `select distinct format('alter table %s disable trigger user', t.tgrelid::regclass) from pg_trigger t
     join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and c.relnamespace = 'public'::regnamespace`,
  );
  for (const [sql] of [...constraints, ...triggers]) await backend.run({ sql: sql ?? "" });
}

/** A row of this user in every tenant table, made from the column types; answers each table's new `id`, where it has one. */
export async function plantRows(backend: SqlBackend, userId: string): Promise<ReadonlyMap<string, string>> {
  const idByTable = new Map<string, string>();
  for (const table of await tenantTables(backend)) {
    if (table.name === "users") continue;
    const id = randomUUID();
    await rowsAs(backend, "pantheon_system", await insertInto(backend, table, { userId, id }));
    idByTable.set(table.name, id);
  }
  return idByTable;
}

interface Identity {
  readonly userId: string;
  readonly id: string;
}

export async function insertInto(backend: SqlBackend, { name, owner }: TenantTable, { userId, id }: Identity) {
  const columns = await rowsOf(
    backend,
    `select a.attname, t.typname from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
     order by a.attnum`,
    [`public.${name}`],
  );
  const values = columns.map(([column, type]) => {
    if (column === owner) return userId;
    return column === "id" && type === "uuid" ? id : inventValue(type ?? "");
  });
  const names = columns.map(([column]) => `"${column}"`).join(", ");
  const places = values.map((_, index) => `$${index + 1}`).join(", ");
  return { sql: `insert into "${name}" (${names}) values (${places}) on conflict do nothing`, params: values };
}

function inventValue(type: string): string {
  if (type.startsWith("_")) return "{}";
  const invented = {
    uuid: randomUUID(),
    text: `planted ${randomUUID()}`,
    varchar: "planted",
    int2: "1",
    int4: "1",
    int8: "1",
    numeric: "1",
    float8: "1",
    bool: "true",
    jsonb: "{}",
    json: "{}",
    bytea: "\\x00",
    timestamptz: "2026-11-01T00:00:00Z",
    timestamp: "2026-11-01T00:00:00",
    date: "2026-11-01",
    interval: "1 second",
  }[type];
  if (invented === undefined) throw new Error(`teach inventValue the type ${type}`);
  return invented;
}
