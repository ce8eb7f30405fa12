import { calibrateTokens } from "../src/app/engine/calibrate-tokens.ts";
import { sweep, sweepBudgetMs } from "../src/app/engine/sweep.ts";
import type { Composed } from "../src/compose.ts";

/** The cron's entrypoint. */
export function openSweep({ ports }: Composed): () => Promise<void> {
  return async () => {
    await sweep(ports, sweepBudgetMs);
    await calibrateTokens(ports);
  };
}
