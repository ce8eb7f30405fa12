import { parseArgs } from "node:util";
import { openArena } from "../bench/arena.ts";
import { playCuts } from "./cuts.ts";
import { groundOfWorker } from "./ground.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, cuts: { type: "string", default: "2000" } },
});
/** In so many, something must have come and gone, or nothing is proved. */
const enoughCuts = 500;

process.exit(await main(values.seed, Number(values.cuts)));

async function main(seed: string, cuts: number): Promise<number> {
  const startedAt = performance.now();
  const arena = await openArena();
  const report = await playCuts(groundOfWorker(arena), { seed, cuts }).finally(() => arena.stop());
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(JSON.stringify({ seed, ...report, seconds }));
  const isStirred = cuts < enoughCuts || (report.flaps > 0 && report.restarts > 0);
  return isStirred && report.lost + report.doubled + report.wrong === 0 ? 0 : 1;
}
