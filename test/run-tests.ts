import { existsSync, globSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCLI, startVitest } from "vitest/node";
import { whyNoPlpgsqlCheck } from "./support/real-postgres.ts";
import { countOutcomes, type Tally, tallyExitCode, tallyLine, tallyRun } from "./tally.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const binaries = findServerBinaries();
  const mustHaveBinaries = process.env.CI === "true";
  console.log(describeBinaries(binaries));
  const unchecked = binaries === undefined ? undefined : whyNoPlpgsqlCheck();
  if (unchecked !== undefined) console.log(`The database's functions are not checked: ${unchecked}. CI requires it.`);
  const tally = binaries === undefined && mustHaveBinaries ? countOutcomes(["failed"]) : await run(args);
  console.log(`\n${tallyLine(tally)}`);
  process.exit(tallyExitCode(tally));
}

async function run(args: readonly string[]): Promise<Tally> {
  const { filter, options } = parseCLI(["vitest", "run", ...args]);
  const vitest = await startVitest(filter, { ...options, root, watch: false });
  await vitest.close();
  return tallyRun(vitest);
}

function describeBinaries(folder: string | undefined): string {
  if (folder !== undefined)
    return `On real Postgres (${folder}), the race suites with it; on PGlite too where both must hold.`;
  return "On PGlite: no Postgres server binaries on this machine, so the race suites are left out. CI requires them.";
}

/** The folder with initdb and postgres: Debian keeps it off the PATH, one for each version. */
function findServerBinaries(): string | undefined {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "initdb"));
  const installed = globSync(["/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb"]).toSorted().toReversed();
  return [...installed, ...onPath].map(dirname).find((folder) => hasServer(folder));
}

function hasServer(folder: string): boolean {
  return existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres"));
}
