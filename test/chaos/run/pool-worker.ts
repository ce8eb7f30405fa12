import { openChaosDatabase } from "../simulation/chaos-database.ts";
import { playSchedule } from "../simulation/play.ts";

/** A child of the run: plays the schedules it is told, on a database of its own. */
const database = await openChaosDatabase();
const schedulesPerCleaning = 40;
let played = 0;

process.on("disconnect", () => process.exit(1));
process.on("message", (seed) => void play(String(seed)));
process.send?.({ kind: "ready" });

async function play(seed: string): Promise<void> {
  const result = await playSchedule({ database, seed });
  played += 1;
  if (result.violations.length > 0 || played % schedulesPerCleaning === 0) await database.empty();
  process.send?.({ kind: "played", result: { ...result, trace: result.violations.length > 0 ? result.trace : [] } });
}
