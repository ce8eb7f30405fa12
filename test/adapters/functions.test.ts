import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSources, SOURCES } from "../laws/sql/source-laws.ts";
import { readFiles } from "../laws/tree.ts";
import { applySources, differences, readCatalogue } from "../support/catalogue.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";

const isOver = "CREATE OR REPLACE FUNCTION pantheon_is_over(p_status text) RETURNS boolean LANGUAGE sql AS 'BODY'";
const mayCreate = "GRANT CREATE ON SCHEMA public TO pantheon_system";
const sources = readSources(readFiles([SOURCES]));

describe.each(databaseKinds)("the functions' files on $title", ({ isMissing, open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!isMissing) database = await open();
  });
  afterAll(() => database?.stop());

  it.skipIf(isMissing)("are what a migrated database holds: applied again, they change nothing of it", async () => {
    const before = await readCatalogue(database.backend);
    expect(before.size).toBe(sources.length);
    await applySources(database.backend, sources);
    expect(differences(before, await readCatalogue(database.backend))).toEqual([]);
  });

  it.skipIf(isMissing).each([
    ["its name", 2, ["ALTER FUNCTION pantheon_post_step(uuid, int) RENAME TO pantheon_posted_step"]],
    ["its body", 1, [isOver.replace("BODY", "SELECT true")]],
    ["its rights", 1, ["GRANT EXECUTE ON FUNCTION pantheon_credits(bigint) TO pantheon_app"]],
    ["its security", 1, ["ALTER FUNCTION pantheon_touch() SECURITY DEFINER"]],
    ["its settings", 1, ["ALTER FUNCTION pantheon_emit(uuid, text, jsonb) SET enable_sort = off"]],
    ["its owner", 1, [mayCreate, "ALTER FUNCTION pantheon_message_json(messages) OWNER TO pantheon_system"]],
    ["a view's rights", 1, ["GRANT SELECT ON stuck_turns TO pantheon_app"]],
  ])("differ from a database that has %s changed", async (_, count, changes) => {
    const before = await readCatalogue(database.backend);
    await database.backend.runBatch(changes.map((sql) => ({ sql })));
    expect(differences(before, await readCatalogue(database.backend))).toHaveLength(count);
  });
});
