import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./check.ts";
import { type CommandResult, runTool } from "./command.ts";
import { generatedPages } from "./generated-pages.ts";
import { listFiles, root, withCopy } from "./tree.ts";

const MIGRATION_INPUTS = ["drizzle.config.ts", "migrations", "src", "package.json", "tsconfig.json"];

type TextByPath = ReadonlyMap<string, string>;

/** Lets drizzle-kit write to a copy: a migration that it would add is one that the schema lacks. */
export async function checkMigrationDrift(): Promise<Verdict> {
  return withCopy(MIGRATION_INPUTS, async (folder) => {
    const before = readMigrations(folder);
    const result = await runTool("drizzle-kit", ["generate"], folder);
    const findings = [...unsaidNothing(result), ...changedFiles(before, readMigrations(folder))];
    const note = `${listFiles(["migrations/*.sql"]).length} migrations`;
    return { findings: before.size === 0 ? ["migrations/ holds no migration", ...findings] : findings, note };
  });
}

function readMigrations(folder: string): TextByPath {
  const paths = globSync("migrations/**/*.{sql,json}", { cwd: folder });
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

export function changedFiles(before: TextByPath, after: TextByPath): readonly string[] {
  return [...after]
    .filter(([path, text]) => before.get(path) !== text)
    .map(([path, text]) =>
      path.endsWith(".sql")
        ? `the schema has moved on; npm run db:generate would write ${path}:\n${text}`
        : `npm run db:generate would change ${path}`,
    );
}

// Asked about a renamed column without a terminal, drizzle-kit writes nothing and still ends with 0.
export function unsaidNothing(result: CommandResult): readonly string[] {
  if (result.code === 0 && result.stdout.includes("No schema changes")) return [];
  return [`drizzle-kit did not say that nothing changed:\n${result.stdout}\n${result.stderr}`.trim()];
}

export async function checkPageDrift(): Promise<Verdict> {
  const findings = generatedPages.flatMap(({ path, build }) => pageDrift(path, readIfThere(path), build()));
  return { findings, note: generatedPages.map(({ path }) => path).join(", ") };
}

function readIfThere(path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "";
}

export function pageDrift(path: string, written: string, built: string): readonly string[] {
  if (written === built) return [];
  const builtLines = built.split("\n");
  const line = written.split("\n").findIndex((text, index) => text !== builtLines[index]);
  return [`${path}:${line + 1}: its source says something else; run npm run pages`];
}
