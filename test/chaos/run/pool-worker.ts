import { openChaosDatabase } from "../simulation/chaos-database.ts";
import { playSchedule } from "../simulation/play.ts";

const schedulesPerCleaning = 40;

/** A child of the run: plays the schedules it is told, on a database of its own. */
export async function runPoolWorker(): Promise<void> {
  process.on("disconnect", () => process.exit(1));
  const database = await openChaosDatabase();
  let played = 0;
  const play = async (seed: string) => {
    const result = await playSchedule({ database, seed });
    played += 1;
    if (result.violations.length > 0 || played % schedulesPerCleaning === 0) await database.empty();
    process.send?.({ kind: "played", result: { ...result, trace: result.violations.length > 0 ? result.trace : [] } });
  };
  process.on("message", (seed) => void play(String(seed)));
  process.send?.({ kind: "ready" });
}
