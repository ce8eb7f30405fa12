import { availableParallelism } from "node:os";
import { type Check, type CheckResult, failureReport, runChecks, summaryLine, type Verdict } from "./check.ts";
import { complaints, runTool } from "./command.ts";
import { checkMigrationDrift, checkPageDrift } from "./drift-checks.ts";
import { checkBiome, checkSeededLint } from "./lint-checks.ts";
import { checkRooms, checkSeededImports } from "./room-checks.ts";
import { checkFrozenMigrations, checkFunctions } from "./sql/checks.ts";
import {
  checkDocs,
  checkLockfile,
  checkSizes,
  checkTimedTests,
  checkVoices,
  checkWorkerFlags,
  checkZodImports,
} from "./text-checks.ts";
import { typeChecks } from "./type-checks.ts";

// The slow ones first, so that the lanes end together.
const checks: readonly Check[] = [
  ...typeChecks(),
  { name: "rooms", run: checkRooms },
  { name: "rooms, seeded", run: checkSeededImports },
  { name: "dead code", run: checkDeadCode },
  { name: "migration drift", run: checkMigrationDrift },
  { name: "page drift", run: checkPageDrift },
  { name: "function drift", run: checkFunctions },
  { name: "frozen migrations", run: checkFrozenMigrations },
  { name: "format and lint", run: checkBiome },
  { name: "lint, seeded", run: checkSeededLint },
  { name: "sizes", run: checkSizes },
  { name: "voices", run: checkVoices },
  { name: "zod imports", run: checkZodImports },
  { name: "time in tests", run: checkTimedTests },
  { name: "docs", run: checkDocs },
  { name: "lockfile", run: checkLockfile },
  { name: "Worker flags", run: checkWorkerFlags },
];

async function checkDeadCode(): Promise<Verdict> {
  return { findings: complaints(await runTool("knip", ["--no-progress", "--no-config-hints"])), note: "knip" };
}

function report(results: readonly CheckResult[], seconds: number): number {
  const failed = results.filter((result) => result.findings.length > 0).length;
  if (failed > 0) console.log(failureReport(results));
  console.log(`\n${results.length - failed} held, ${failed} broken, in ${seconds.toFixed(1)} s`);
  return failed === 0 ? 0 : 1;
}

const start = performance.now();
const lanes = Math.min(4, Math.max(2, availableParallelism()));
const results = await runChecks(checks, lanes, (result) => console.log(summaryLine(result)));
process.exitCode = report(results, (performance.now() - start) / 1000);
