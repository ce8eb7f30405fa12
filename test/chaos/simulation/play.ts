import { sweep, sweepBudgetMs } from "../../../src/app/engine/sweep.ts";
import type { RebuiltCall } from "../../../src/local/postgres/rebuild.ts";
import { findViolations } from "../checks/find-violations.ts";
import type { ChaosDatabase } from "./chaos-database.ts";
import { resumePaused, scheduleClients } from "./client.ts";
import { type Counts, countAll } from "./counts.ts";
import { furnish, liftLimits, type Setting } from "./furnish.ts";
import type { Plot } from "./plot.ts";
import { countOpen, findPaused, takeSnapshot } from "./snapshot.ts";
import type { Snapshot } from "./snapshot-rows.ts";
import { portsOf } from "./task-ports.ts";
import type { Weather } from "./weather.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world-shape.ts";

export interface Played {
  readonly weather: Weather["name"];
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly counts: Counts;
}

export interface PlayOptions {
  readonly database: ChaosDatabase;
  readonly seed: string;
  readonly weather?: Weather;
  readonly plot?: Partial<Plot>;
  /** How long a schedule may go on before it counts as endless. */
  readonly longestMs?: number;
}

const cronEveryMs = 60_000;
const eightHoursMs = 8 * 3_600_000;

/** One schedule from its first request until nothing is left to do, and what must then be true of it. */
export async function playSchedule({
  database,
  seed,
  weather,
  plot,
  longestMs = eightHoursMs,
}: PlayOptions): Promise<Played> {
  const world = createWorld({ database, seed, weather, plot });
  const setting = await furnish(world);
  scheduleClients(world, setting);
  const isAtRest = await runToRest(world, setting, longestMs);
  const snapshot = await takeSnapshot(database, setting.userId);
  const { chronicle } = world;
  const rebuilt = await rebuildAll(database, snapshot);
  const violations = findViolations({ snapshot, chronicle, rebuilt, weather: world.weather, isAtRest });
  const counts = countAll(world, snapshot, violations);
  return { weather: world.weather.name, violations, trace: world.chronicle.trace, counts };
}

async function rebuildAll(database: ChaosDatabase, { turns }: Snapshot): Promise<readonly RebuiltCall[]> {
  const rebuilt: RebuiltCall[] = [];
  for (const { id } of turns) rebuilt.push(...(await database.rebuild(id)));
  return rebuilt;
}

/** False when the schedule goes on and on. */
async function runToRest(world: World, setting: Setting, longestMs: number): Promise<boolean> {
  const { simulation, database } = world;
  const { clock } = simulation;
  for (let cronAt = cronEveryMs; clock.now() < longestMs; ) {
    if (await simulation.runOne()) continue;
    const nextAt = clock.nextAt();
    if (nextAt === undefined && simulation.tasksAlive() === 0 && (await countOpen(database, setting.userId)) === 0)
      return true;
    if (nextAt !== undefined && nextAt <= cronAt) {
      await simulation.advanceTo(nextAt);
      continue;
    }
    await simulation.advanceTo(cronAt);
    startSweeps(world);
    await relieve(world, setting);
    cronAt += cronEveryMs;
  }
  return false;
}

/** A turn that paused waits for its user: here one who looks every minute. */
async function relieve(world: World, setting: Setting): Promise<void> {
  const paused = await findPaused(world.database, setting.userId);
  if (paused.length === 0) return;
  world.chronicle.pauses += paused.length;
  await world.database.change(liftLimits(setting));
  for (const turnId of paused) resumePaused(world, setting, turnId);
}

function startSweeps(world: World): void {
  const atOnce = world.random.play.chance(0.2) ? 2 : 1;
  for (let each = 0; each < atOnce; each += 1)
    void world.simulation
      .start("sweep", (task) => sweep(portsOf(world, task), sweepBudgetMs))
      .then((ended) => {
        if (ended.kind !== "threw" || String(ended.error).includes("The database does not answer")) return;
        world.chronicle.surprises.push(`a sweep threw ${String(ended.error)}`);
      });
}
