import type { TurnSettings } from "../ports/settings.ts";
import type { TurnSlot } from "../ports/turns.ts";

/** The two limits on turns, as the RateLimit headers name them. */
export function rateHeaders(slot: TurnSlot, { perMinute, perHour }: TurnSettings): Readonly<Record<string, string>> {
  const left = (limit: number, count: number) => Math.max(0, limit - count);
  return {
    "RateLimit-Policy": `"turns";q=${perMinute};w=60, "turns-hour";q=${perHour};w=3600`,
    RateLimit: `"turns";r=${left(perMinute, slot.minute_count)};t=${slot.minute_resets_in}, "turns-hour";r=${left(perHour, slot.hour_count)};t=${slot.hour_resets_in}`,
  };
}
