import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MigrationText } from "./declared.ts";
import type { HashByTag, JournalEntry } from "./frozen.ts";

interface Journal {
  readonly entries: readonly JournalEntry[];
}

export function readJournal(folder: string): readonly JournalEntry[] {
  const journal: Journal = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8"));
  return journal.entries;
}

export function readTexts(folder: string): readonly MigrationText[] {
  return readJournal(folder).map(({ tag }) => ({ tag, text: readFileSync(join(folder, `${tag}.sql`), "utf8") }));
}

export function readHashes(folder: string): HashByTag {
  const path = hashPath(folder);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
}

export function writeHashes(folder: string, hashes: HashByTag): void {
  writeFileSync(hashPath(folder), `${JSON.stringify(hashes, null, 2)}\n`);
}

// An underscore in front, or drizzle-kit takes it for a snapshot.
function hashPath(folder: string): string {
  return join(folder, "meta/_hashes.json");
}

/** What drizzle-kit compares the schema with is the newest alone. */
export function keepNewestSnapshot(folder: string): void {
  for (const name of snapshotsIn(folder).slice(0, -1)) rmSync(join(folder, "meta", name));
}

export function snapshotsIn(folder: string): readonly string[] {
  return readdirSync(join(folder, "meta"))
    .filter((name) => name.endsWith("_snapshot.json"))
    .toSorted();
}
