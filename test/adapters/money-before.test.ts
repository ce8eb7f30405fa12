import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { migrate } from "../../src/local/postgres/migrate.ts";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { openPglite, type PgliteBackend } from "../../src/local/postgres/pglite.ts";
import { reconcile } from "../../src/local/postgres/reconcile.ts";
import { type Books, callsOf, newBooks, openAccounts, placeOf } from "../support/honest-books.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const Journal = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });
const folder = mkdtempSync(join(tmpdir(), "pantheon-before-"));

let backend: PgliteBackend;
beforeAll(async () => {
  cpSync(defaultMigrationsFolder, folder, { recursive: true });
  const path = join(folder, "meta/_journal.json");
  const journal = Journal.parse(JSON.parse(readFileSync(path, "utf8")));
  const before = journal.entries.filter(({ tag }) => tag < "0013");
  writeFileSync(path, JSON.stringify({ ...journal, entries: before }));
  backend = await openPglite();
  await migrate(backend, folder);
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

it("calls that were made before there was money to pay them with become the platform's, and all agrees", async () => {
  const users: Books[] = [newBooks(), newBooks()];
  for (const books of users) {
    await openAccounts(backend, books);
    await backend.runBatch([{ sql: "set local role pantheon_system" }, ...placeOf(books), ...callsOf(books)]);
    const sql = "update llm_call_events set charged_units = 0 where owner_id = $1";
    await rowsAs(backend, "pantheon_system", { sql, params: [books.owner] });
  }
  await migrate(backend, defaultMigrationsFolder);
  expect(await reconcile(backend)).toMatchObject({ accounts: 12, calls: 4, mismatches: 0 });
  const sql =
    "select account_kind, amount_units from ledger_entries where operation_key = 'before_money' order by 1, 2";
  expect(await rowsAs(backend, "pantheon_system", { sql })).toEqual([
    ["revenue", "84"],
    ["revenue", "84"],
    ["waste", "-84"],
    ["waste", "-84"],
  ]);
});
