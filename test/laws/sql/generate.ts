import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../tree.ts";
import { BREAKPOINT, toBlock, toDrop } from "./block.ts";
import { heldFast, readDeclared } from "./declared.ts";
import { seal } from "./frozen.ts";
import { keepNewestSnapshot, readHashes, readJournal, readTexts, writeHashes } from "./migration-folder.ts";
import { type Changes, planChanges } from "./plan.ts";
import { byName, readSources, SOURCES } from "./source-laws.ts";

/** Runs drizzle-kit's `generate` in the repository's root with these further arguments. */
export type RunDrizzleKit = (args: readonly string[]) => Promise<void>;

export interface Wanted {
  readonly name: string;
  /** For what neither schema nor files say: policies, triggers, rows. */
  readonly isCustom: boolean;
}

/** Writes the next migration: what drizzle-kit finds in the schema, and the functions whose files changed. */
export async function generate(root: string, wanted: Wanted, run: RunDrizzleKit): Promise<string | null> {
  const folder = join(root, "migrations");
  const declared = readDeclared(readTexts(folder));
  const changes = planChanges(declared.sources, byName(readSources(readSourceFiles(root))));
  const held = heldFast(changes.drops, declared);
  if (held.length > 0) throw new Error(held.join("\n"));
  const tag = await newTag(folder, wanted, changes, run);
  if (tag === null) return null;
  const path = join(folder, `${tag}.sql`);
  writeFileSync(path, withFunctions(readFileSync(path, "utf8"), changes));
  keepNewestSnapshot(folder);
  sealNewest(root);
  return tag;
}

export function sealNewest(root: string): void {
  const folder = join(root, "migrations");
  writeHashes(folder, seal(readTexts(folder), readHashes(folder)));
}

async function newTag(folder: string, wanted: Wanted, changes: Changes, run: RunDrizzleKit): Promise<string | null> {
  const before = readJournal(folder).length;
  const name = ["--name", wanted.name];
  if (!wanted.isCustom) await run(name);
  const isWanted = wanted.isCustom || changes.drops.length + changes.declarations.length > 0;
  if (isWanted && readJournal(folder).length === before) await run([...name, "--custom"]);
  return readJournal(folder)[before]?.tag ?? null;
}

const PLACEHOLDER = /^-- Custom SQL migration file.*\n?/;

/** Drops stand before the tables' changes, which may concern what they held on to; declarations after them. */
export function withFunctions(tables: string, { drops, declarations }: Changes): string {
  const parts = [...drops.map(toDrop), tables.replace(PLACEHOLDER, "").trim(), ...declarations.map(toBlock)];
  return `${parts.filter((part) => part !== "").join(BREAKPOINT)}\n`;
}

function readSourceFiles(root: string): readonly SourceFile[] {
  const paths = globSync(SOURCES, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}
