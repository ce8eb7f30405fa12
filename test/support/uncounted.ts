import type { Throttle } from "../../src/ports/throttle.ts";
import { createFakeThrottle } from "../fakes/throttle.ts";

/** Lets everybody in, for tests of something else. */
export const uncounted: Throttle = createFakeThrottle({
  clock: { now: () => new Date() },
  requestsPerMinute: Number.MAX_SAFE_INTEGER,
});
