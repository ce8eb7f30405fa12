import type { RebuiltCall } from "../../../src/local/postgres/rebuild.ts";
import type { Chronicle } from "../simulation/record.ts";
import type { Snapshot } from "../simulation/snapshot-rows.ts";
import type { Weather } from "../simulation/weather.ts";

/** What a schedule left behind, in the database and in the eyes of those outside it. */
export interface Aftermath {
  readonly snapshot: Snapshot;
  readonly chronicle: Chronicle;
  /** Every prompt, made again from its audit. */
  readonly rebuilt: readonly RebuiltCall[];
  readonly weather: Pick<Weather, "name">;
  readonly isAtRest: boolean;
}
