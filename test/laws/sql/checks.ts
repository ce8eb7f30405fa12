import { join } from "node:path";
import type { Verdict } from "../check.ts";
import { readFiles, root } from "../tree.ts";
import { disorder, thawed } from "./frozen.ts";
import { readHashes, readJournal, readTexts, snapshotsIn } from "./migration-folder.ts";
import { falseSources, SOURCES } from "./source-laws.ts";

const migrations = join(root, "migrations");

/** Reads texts alone, so it takes milliseconds. */
export async function checkFunctions(): Promise<Verdict> {
  const files = readFiles([SOURCES]);
  const findings = falseSources(files, readTexts(migrations));
  return { findings: files.length === 0 ? ["no function has a file"] : findings, note: `${files.length} files` };
}

export async function checkFrozenMigrations(): Promise<Verdict> {
  const texts = readTexts(migrations);
  const snapshots = snapshotsIn(migrations);
  const findings = [
    ...thawed(texts, readHashes(migrations)),
    ...disorder(readJournal(migrations)),
    ...(snapshots.length === 1 ? [] : [`migrations/meta holds ${snapshots.length} snapshots, and one is enough`]),
  ];
  return { findings, note: `${texts.length} migrations` };
}
