import type { Composed } from "../../../src/compose.ts";
import type { ChaosDatabase } from "./chaos-database.ts";
import type { ChaosQueue } from "./chaos-queue.ts";
import type { Plot } from "./plot.ts";
import type { Random } from "./random.ts";
import type { Chronicle } from "./record.ts";
import type { Simulation } from "./simulation.ts";
import type { Weather } from "./weather.ts";

interface Streams {
  readonly ids: Random;
  readonly model: Random;
  readonly play: Random;
  readonly receiver: Random;
}

export interface World {
  readonly weather: Weather;
  readonly plot: Plot;
  readonly chronicle: Chronicle;
  readonly composed: Composed;
  readonly database: ChaosDatabase;
  readonly simulation: Simulation;
  readonly queue: ChaosQueue;
  readonly random: Streams;
  /** What clients do at moments that no clock knows. */
  readonly moments: { onSummaryCall: () => void };
  now(): Date;
  isCalm(): boolean;
  countFault(): void;
  inDatabase<Value>(effect: () => Promise<Value>): Promise<Value>;
}
