import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { migrate } from "../../src/local/postgres/migrate.ts";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { openPglite, type PgliteBackend } from "../../src/local/postgres/pglite.ts";
import { type Books, newBooks, openAccounts, placeOf } from "../support/honest-books.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const Journal = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });
const folder = mkdtempSync(join(tmpdir(), "pantheon-before-"));

let backend: PgliteBackend;
beforeAll(async () => {
  cpSync(defaultMigrationsFolder, folder, { recursive: true });
  const path = join(folder, "meta/_journal.json");
  const journal = Journal.parse(JSON.parse(readFileSync(path, "utf8")));
  const place = journal.entries.findIndex(({ tag }) => tag.endsWith("_failed_turns"));
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, place) }));
  backend = await openPglite();
  await migrate(backend, folder);
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

const stepOf = ({ owner, turn }: Books, index: number, agent: string) => ({
  sql: `insert into turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens, error)
    values (gen_random_uuid(), $1, $2, $3, 'agent', $4, 1, 'failed', 0, '{}', '{}', 0, jsonb_build_object('type', 'refused', 'message', 'No, ' || $4::text))`,
  params: [owner, turn, String(index), agent],
});

it("turns that failed without saying why say it, and so do their logs", async () => {
  const books = newBooks();
  await openAccounts(backend, books);
  const ended = { params: [books.turn] };
  await backend.runBatch([
    { sql: "set local role pantheon_system" },
    ...placeOf(books),
    stepOf(books, 0, "ada"),
    stepOf(books, 1, "bob"),
    { ...ended, sql: "update turns set status = 'failed', is_active = false, error = 'null' where id = $1" },
    {
      ...ended,
      sql: `insert into turn_events (turn_id, owner_id, seq, type, data)
        select id, owner_id, 1, 'turn.failed', '{"status": "failed"}' from turns where id = $1`,
    },
  ]);
  await migrate(backend, defaultMigrationsFolder);
  const error = { type: "refused", message: "All 2 agents failed; ada: No, ada" };
  const sql = "select t.error, e.data from turns t join turn_events e on e.turn_id = t.id where t.id = $1";
  const [[turn, event] = []] = await rowsAs(backend, "pantheon_system", { ...ended, sql });
  expect([turn, event].map((each) => JSON.parse(each ?? "null"))).toEqual([error, { status: "failed", error }]);
});
