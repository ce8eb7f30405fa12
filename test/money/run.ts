import { parseArgs } from "node:util";
import { openRaceWorld, raceSuite } from "../chaos/races/race-kit.ts";
import { openQuickPglite } from "../chaos/simulation/quick-pglite.ts";
import { openRaceDatabase } from "../support/database.ts";
import { type Admissions, playAdmissions } from "./admissions.ts";
import { addTallies, noTally, playLedger } from "./play-ledger.ts";

/** A database in memory holds the rows of about so many; a longer run goes on in the next one. */
const operationsPerDatabase = 50_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    operations: { type: "string", default: "100000" },
    rounds: { type: "string", default: "100" },
    "in-memory": { type: "boolean", default: false },
  },
});
process.exitCode = await main(values.seed, countOf("operations", values.operations), countOf("rounds", values.rounds));

async function main(seed: string, operations: number, rounds: number): Promise<number> {
  const startedAt = performance.now();
  const server = values["in-memory"] ? null : await openRaceDatabase();
  let tally = noTally;
  for (let number = 1; tally.operations < operations; number += 1) {
    const backend = server?.backend ?? (await openQuickPglite());
    const count = Math.min(operationsPerDatabase, operations - tally.operations);
    tally = addTallies(tally, await playLedger(backend, `${seed}/${number}`, count));
    if (server === null) await backend.close();
    if (tally.operations < operations) console.log(`${tally.operations} of ${operations} operations`);
  }
  await server?.stop();
  const admissions = await admit(rounds);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(
    JSON.stringify({ seed, ...tally, database: server === null ? "pglite" : "postgres", admissions, seconds }),
  );
  const overshot =
    admissions === null ? 0 : admissions.overspent + admissions.mismatches + (admissions.most_admitted > 7 ? 1 : 0);
  return tally.drift + tally.negatives + tally.surprises + overshot === 0 ? 0 : 1;
}

/** Rounds of turns begun at one moment; null where statements cannot truly run at once. */
async function admit(rounds: number): Promise<Admissions | null> {
  if (raceSuite.isMissing) return null;
  const world = await openRaceWorld();
  const admissions = await playAdmissions(world, rounds);
  await world.stop();
  return admissions;
}

function countOf(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} must be a whole number above 0, not "${text}".`);
  return Number(text);
}
