import type { Random } from "../chaos/simulation/random.ts";
import type { Ground } from "./ground.ts";

export interface Upheaval {
  /** Before each connection of a watcher: now and then something goes away or comes back. */
  stir(): Promise<void>;
  /** When everything is back; how often it went. */
  settle(): Promise<{ readonly flaps: number; readonly restarts: number }>;
}

const flapChance = 0.03;
/** Once or twice in two hundred cuts: while the Worker is away, nothing is drawn. */
const restartChance = 0.01;

export function createUpheaval({ setRedis, restart }: Ground, random: Random): Upheaval {
  let flaps = 0;
  let restarts = 0;
  let restarting: Promise<void> | null = null;
  return {
    async stir() {
      if (random.chance(flapChance)) {
        flaps += 1;
        await setRedis({ down: random.chance(0.35) });
      }
      if (restart !== null && restarting === null && random.chance(restartChance)) {
        restarts += 1;
        restarting = restart().finally(() => {
          restarting = null;
        });
      }
    },
    async settle() {
      await restarting;
      await setRedis({});
      return { flaps, restarts };
    },
  };
}
