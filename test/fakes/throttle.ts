import type { Clock } from "../../src/ports/clock.ts";
import type { Throttle } from "../../src/ports/throttle.ts";

const windowMs = 60_000;

export interface FakeThrottle extends Throttle {
  setAvailable(isAvailable: boolean): void;
}

export interface FakeThrottleOptions {
  readonly clock: Clock;
  readonly requestsPerMinute: number;
}

export function createFakeThrottle({ clock, requestsPerMinute: limit }: FakeThrottleOptions): FakeThrottle {
  const takenByWindow = new Map<string, number>();
  let isAvailable = true;
  return {
    setAvailable: (next) => {
      isAvailable = next;
    },
    take: async (caller) => {
      if (!isAvailable) return { kind: "unavailable" };
      const nowMs = clock.now().getTime();
      const window = Math.floor(nowMs / windowMs);
      const key = `${window}:${caller}`;
      const taken = (takenByWindow.get(key) ?? 0) + 1;
      takenByWindow.set(key, taken);
      const resetSeconds = Math.ceil(((window + 1) * windowMs - nowMs) / 1_000);
      return {
        kind: taken <= limit ? "allowed" : "refused",
        limit,
        remaining: Math.max(0, limit - taken),
        resetSeconds,
      };
    },
  };
}
