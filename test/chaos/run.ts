import { killEverythingMidTurn } from "./kills/sigkill-start.ts";
import { type KillReport, killWorkerEverywhere } from "./kills/sigkill-worker.ts";
import { workerProgramFlag } from "./kills/worker-process.ts";
import { runWorkerProgram } from "./kills/worker-program.ts";
import { type ChaosOptions, readOptions } from "./run/options.ts";
import { playInPool, poolWorkerFlag } from "./run/pool.ts";
import { runPoolWorker } from "./run/pool-worker.ts";
import { addPlayed, noTotals, type Totals } from "./run/totals.ts";
import type { Played } from "./simulation/play.ts";

const reportEvery = 250;
const tracesShown = 3;

await start(process.argv.slice(2));

/** The run starts itself again for its children: those that play schedules, and the Worker that is killed. */
async function start([flag, ...rest]: readonly string[]): Promise<void> {
  if (flag === poolWorkerFlag) return runPoolWorker();
  if (flag === workerProgramFlag) return runWorkerProgram(rest.join(" "));
  process.exit(await main(process.argv.slice(2)));
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const startedAt = performance.now();
  const totals = await playAll(options);
  const killed = options.withKills ? await killAll() : { kills: 0, violations: [] };
  for (const violation of killed.violations) console.log(violation);
  const violations = (totals.violations ?? 0) + killed.violations.length;
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(JSON.stringify({ seed: options.seed, ...totals, kills: killed.kills, violations, seconds }));
  return violations === 0 ? 0 : 1;
}

async function playAll({ seed, numbers, workers }: ChaosOptions): Promise<Totals> {
  let totals = noTotals;
  let failures = 0;
  const onPlayed = (number: number, played: Played) => {
    totals = addPlayed(totals, played);
    if (totals.schedules % reportEvery === 0) console.log(`${totals.schedules} of ${numbers.length} schedules`);
    if (played.violations.length === 0) return;
    failures += 1;
    console.log(describeFailure({ seed, number, played, withTrace: failures <= tracesShown }));
  };
  await playInPool({ workers, seed, numbers, onPlayed });
  return totals;
}

async function killAll(): Promise<KillReport> {
  const reports = await Promise.all([killWorkerEverywhere(), killEverythingMidTurn()]);
  return {
    kills: reports.reduce((sum, { kills }) => sum + kills, 0),
    violations: reports.flatMap(({ violations }) => violations),
  };
}

interface Failure {
  readonly seed: string;
  readonly number: number;
  readonly played: Played;
  readonly withTrace: boolean;
}

function describeFailure({ seed, number, played, withTrace }: Failure): string {
  return [
    `Schedule ${number} of seed ${seed} (${played.weather}):`,
    ...played.violations.map((violation) => `  ${violation}`),
    ...(withTrace ? played.trace : []),
    `Replay it: npm run chaos -- --seed ${seed} --only ${number}`,
  ].join("\n");
}
