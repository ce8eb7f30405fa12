import { readOptions } from "./run/options.ts";
import { playInPool } from "./run/pool.ts";
import { addPlayed, noTotals } from "./run/totals.ts";
import type { Played } from "./simulation/play.ts";

const reportEvery = 250;
const tracesShown = 3;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const { seed, numbers, workers } = readOptions(args);
  const startedAt = performance.now();
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
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(JSON.stringify({ seed, ...totals, seconds }));
  return totals.violations === 0 ? 0 : 1;
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
