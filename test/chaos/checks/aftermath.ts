import type { Chronicle } from "../simulation/record.ts";
import type { Snapshot } from "../simulation/snapshot.ts";
import type { Weather } from "../simulation/weather.ts";

/** What a schedule left behind, in the database and in the eyes of those outside it. */
export interface Aftermath {
  readonly snapshot: Snapshot;
  readonly chronicle: Chronicle;
  readonly weather: Pick<Weather, "name">;
  readonly isAtRest: boolean;
}
