import type { RateLimit } from "../../contract/rate-limits.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { TurnSlot } from "../../ports/turns.ts";

/** The two limits on turns, once a turn has taken its place in them. */
export function toRateLimits(slot: TurnSlot, { perMinute, perHour }: TurnSettings): readonly RateLimit[] {
  return [
    {
      name: "turns",
      limit: perMinute,
      windowSeconds: 60,
      remaining: Math.max(0, perMinute - slot.minute_count),
      resetSeconds: slot.minute_resets_in,
    },
    {
      name: "turns-hour",
      limit: perHour,
      windowSeconds: 3600,
      remaining: Math.max(0, perHour - slot.hour_count),
      resetSeconds: slot.hour_resets_in,
    },
  ];
}
