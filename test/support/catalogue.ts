import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { BREAKPOINT, toBlock } from "../laws/sql/block.ts";
import { inOrder } from "../laws/sql/plan.ts";
import type { SqlSource } from "../laws/sql/source.ts";
import { rowsOf } from "./tenant-rows.ts";

const rights = (acl: string) => `(select string_agg(r::text, ' ' order by r::text) from unnest(${acl}) as r)`;

const functions = `select p.oid::regprocedure, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner),
  ${rights("p.proacl")}, p.prosecdef, p.proconfig
  from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname !~ '^plpgsql_|^__plpgsql_'`;

const views = `select c.oid::regclass, pg_get_viewdef(c.oid), pg_get_userbyid(c.relowner), ${rights("c.relacl")}, c.reloptions,
  (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid)
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'`;

/** What the database holds of functions and views: text, owner, rights, security and settings, by name. */
export async function readCatalogue(backend: SqlBackend): Promise<ReadonlyMap<string, string>> {
  const rows = [...(await rowsOf(backend, functions)), ...(await rowsOf(backend, views))];
  return new Map(rows.map(([name, ...rest]) => [name ?? "", JSON.stringify(rest)]));
}

/** The names of what is not the same in both. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).toSorted();
}

/** Declares functions and views anew, as a migration made from their files would. */
export async function applySources(backend: SqlBackend, sources: readonly SqlSource[]): Promise<void> {
  const statements = inOrder(sources).flatMap((source) => toBlock(source).split(BREAKPOINT));
  await backend.runBatch(statements.map((sql) => ({ sql })));
}
