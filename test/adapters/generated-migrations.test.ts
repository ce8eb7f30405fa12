import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../src/local/postgres/migrate.ts";
import { complaints, runTool } from "../laws/command.ts";
import { thawed } from "../laws/sql/frozen.ts";
import { generate } from "../laws/sql/generate.ts";
import { readHashes, readTexts, snapshotsIn } from "../laws/sql/migration-folder.ts";
import { falseSources, readSources, SOURCES } from "../laws/sql/source-laws.ts";
import { withCopy } from "../laws/tree.ts";
import { applySources, differences, readCatalogue } from "../support/catalogue.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { rowsOf } from "../support/tenant-rows.ts";

const COPIED = ["drizzle.config.ts", "migrations", "src", "package.json", "tsconfig.json"];
const functions = "src/adapters/neon/functions";
const kept = mkdtempSync(join(tmpdir(), "pantheon-generated-"));
const migrations = join(kept, "migrations");

/** A column more, and of the functions a parameter renamed, a type changed, a view widened, a file removed. */
const edits: readonly (readonly [string, RegExp, string])[] = [
  ["src/adapters/neon/schema/rooms.ts", /title: text\("title"\)\.notNull\(\),/, '$&\n    nickname: text("nickname"),'],
  [`${functions}/holds/release.sql`, /\bp_turn\b/g, "p_of_turn"],
  [`${functions}/money/low-balance-units.sql`, /RETURNS bigint/, "RETURNS numeric"],
  [
    `${functions}/base/now.sql`,
    /now\(\) (R.*tz) (.*)now\(\)/,
    "now(p_shift interval DEFAULT '0') $1\n$2now() + p_shift",
  ],
  [`${functions}/turns/stuck-turns.sql`, /SELECT t\.id/g, "SELECT t.owner_id, t.id"],
  [`${functions}/turns/is-over.sql`, /'failed', 'cancelled'/, "'cancelled', 'failed'"],
];

let tag: string | null;
let statements: readonly string[];
beforeAll(() =>
  withCopy(COPIED, async (folder) => {
    for (const [path, from, to] of edits) edit(join(folder, path), from, to);
    rmSync(join(folder, functions, "webhooks/ping-endpoint.sql"));
    const run = async (args: readonly string[]) =>
      expect(complaints(await runTool("drizzle-kit", ["generate", ...args], folder))).toEqual([]);
    tag = await generate(folder, { name: "many_changes", isCustom: false }, run);
    expect(tag).toMatch(/^\d{4}_many_changes$/);
    for (const path of ["migrations", functions]) cpSync(join(folder, path), join(kept, path), { recursive: true });
    statements = readFileSync(join(migrations, `${tag}.sql`), "utf8").split("--> statement-breakpoint");
  }),
);
afterAll(() => rmSync(kept, { recursive: true, force: true }));

function edit(path: string, from: RegExp, to: string): void {
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(from);
  writeFileSync(path, text.replace(from, to));
}

function readFiles() {
  const paths = globSync(SOURCES, { cwd: kept });
  return paths.map((path) => ({ path, text: readFileSync(join(kept, path), "utf8") }));
}

const beginning = (words: string) =>
  statements.flatMap((statement) => (statement.trim().startsWith(words) ? statement : []));

describe("a generated migration", () => {
  it("drops what cannot be replaced, with the view that depends on it, before it changes tables", () => {
    const dropped = beginning("DROP").map((statement) => /pantheon_\w+|\w+(?=;)/.exec(statement)?.[0]);
    expect(dropped.toSorted()).toEqual([
      "current_model_prices",
      "pantheon_low_balance_units",
      "pantheon_now",
      "pantheon_ping_endpoint",
      "pantheon_release",
      "stuck_turns",
    ]);
    const places = ["DROP VIEW current_model_prices", "DROP FUNCTION pantheon_now", "ALTER TABLE", "-- function: "].map(
      (words) => statements.findIndex((statement) => statement.trim().startsWith(words)),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it("declares what changed and what hung on it, and nothing else", () => {
    const declared = beginning("-- function: ").map((statement) => /: (\S+)/.exec(statement)?.[1]);
    expect(declared.toSorted()).toEqual([
      "base/now.sql",
      "holds/release.sql",
      "money/current-model-prices.sql",
      "money/low-balance-units.sql",
      "turns/is-over.sql",
      "turns/stuck-turns.sql",
    ]);
  });

  it("leaves files and migrations in accord, sealed, beside one snapshot", () => {
    expect(falseSources(readFiles(), readTexts(migrations))).toEqual([]);
    expect(thawed(readTexts(migrations), readHashes(migrations))).toEqual([]);
    expect(snapshotsIn(migrations)).toEqual([`${tag?.slice(0, 4)}_snapshot.json`]);
  });
});

describe.each(databaseKinds)("a generated migration on $title", ({ isMissing, open }) => {
  it.skipIf(isMissing)("takes a database to what the files say", async () => {
    const { backend, stop } = await open();
    const before = await readCatalogue(backend);
    expect(await migrate(backend, migrations)).toEqual({ applied: 1 });
    const after = await readCatalogue(backend);
    expect(differences(before, after)).toEqual([
      "pantheon_is_over(text)",
      "pantheon_low_balance_units()",
      "pantheon_now()",
      "pantheon_now(interval)",
      "pantheon_ping_endpoint(uuid,uuid)",
      "pantheon_release(uuid)",
      "stuck_turns",
    ]);
    await applySources(backend, readSources(readFiles()));
    expect(differences(after, await readCatalogue(backend))).toEqual([]);
    expect(await rowsOf(backend, "select count(nickname) from sessions")).toEqual([["0"]]);
    await stop();
  });
});
