import { parseArgs } from "node:util";
import { openBench } from "../engine/engine-bench.ts";
import { playCuts } from "./cuts.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, cuts: { type: "string", default: "2000" } },
});
process.exit(await main(values.seed, Number(values.cuts)));

async function main(seed: string, cuts: number): Promise<number> {
  const startedAt = performance.now();
  const bench = await openBench();
  const report = await playCuts(bench, { seed, cuts });
  await bench.stop();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(JSON.stringify({ seed, ...report, seconds }));
  return report.lost + report.doubled + report.wrong === 0 ? 0 : 1;
}
