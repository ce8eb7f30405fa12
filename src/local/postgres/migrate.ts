import { type SqlBackend, SqlError, type SqlStatement } from "./backend.ts";
import { defaultMigrationsFolder, type Migration, readMigrations } from "./migration-files.ts";

export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const alreadyAppliedCode = "PM001";
const bookkeeping = `"drizzle"."__drizzle_migrations"`;
const lock: SqlStatement = { sql: "select pg_advisory_xact_lock(7268943501)" };

/** Applies what drizzle-kit wrote and the database lacks, each migration in one transaction, and keeps drizzle's own books. */
export async function migrate(
  backend: SqlBackend,
  folder = defaultMigrationsFolder,
): Promise<{ readonly applied: number }> {
  const migrations = readMigrations(folder);
  if (migrations.length === 0) return { applied: 0 };
  await createBookkeeping(backend);
  let applied = 0;
  const hashByCreatedAt = await readApplied(backend);
  refuseIfOlder(migrations, hashByCreatedAt);
  for (const migration of migrations) {
    const appliedHash = hashByCreatedAt.get(migration.createdAt);
    if (appliedHash === undefined) applied += (await applyUnlessDone(backend, migration)) ? 1 : 0;
    else refuseIfEdited(migration, appliedHash);
  }
  return { applied };
}

async function createBookkeeping(backend: SqlBackend): Promise<void> {
  const { rows } = await backend.run({ sql: `select to_regclass('${bookkeeping}') is not null` });
  if (rows[0]?.[0] === "t") return;
  await backend.runBatch([
    lock,
    { sql: `CREATE SCHEMA IF NOT EXISTS "drizzle"` },
    { sql: `CREATE TABLE IF NOT EXISTS ${bookkeeping} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)` },
  ]);
}

async function readApplied(backend: SqlBackend): Promise<ReadonlyMap<string, string>> {
  const { rows } = await backend.run({ sql: `select created_at, hash from ${bookkeeping}` });
  return new Map(rows.map(([createdAt, hash]) => [createdAt ?? "", hash ?? ""]));
}

/** Books without the first migration were kept by migrations that it has replaced. */
function refuseIfOlder([baseline]: readonly Migration[], hashByCreatedAt: ReadonlyMap<string, string>): void {
  if (baseline === undefined || hashByCreatedAt.size === 0 || hashByCreatedAt.has(baseline.createdAt)) return;
  throw new MigrationError(
    `This database was made by migrations that ${baseline.tag} has replaced: name an empty one, or delete the data folder (.pantheon, or what PANTHEON_DATA names), and all that it holds with it.`,
  );
}

function refuseIfEdited({ tag, hash }: Migration, appliedHash: string): void {
  if (hash === appliedHash) return;
  throw new MigrationError(
    `Migration ${tag} was edited after it was applied (file ${hash.slice(0, 12)}, database ${appliedHash.slice(0, 12)}). Restore the file and write a new migration.`,
  );
}

/** False when another migrator, which held the lock before us, has applied it. */
async function applyUnlessDone(backend: SqlBackend, migration: Migration): Promise<boolean> {
  const statements = migration.statements.map((sql) => ({ sql }));
  try {
    await backend.runBatch([lock, failIfApplied(migration), ...statements, insertBook(migration)]);
    return true;
  } catch (error) {
    if (error instanceof SqlError && error.details.code === alreadyAppliedCode) return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${migration.tag} failed and was rolled back: ${reason}`, { cause: error });
  }
}

function failIfApplied({ createdAt }: Migration): SqlStatement {
  return {
    sql: `do $$ begin
  if exists (select from ${bookkeeping} where created_at = ${createdAt}) then
    raise exception 'already applied' using errcode = '${alreadyAppliedCode}';
  end if;
end $$`,
  };
}

function insertBook({ hash, createdAt }: Migration): SqlStatement {
  return { sql: `insert into ${bookkeeping} (hash, created_at) values ($1, $2)`, params: [hash, createdAt] };
}
