import { expect, it } from "vitest";
import { defaultContextSettings } from "../../domain/context/settings.ts";
import { toRateLimits } from "./rate-limits.ts";

const settings = {
  perMinute: 10,
  perHour: 60,
  leaseSeconds: 150,
  stepDeadlineSeconds: 100,
  modelTimeoutSeconds: 60,
  context: defaultContextSettings,
};

it("names both limits, what is left of them and when they begin anew", () => {
  const slot = { minute_count: 3, minute_resets_in: 42, hour_count: 13, hour_resets_in: 3000 };
  expect(toRateLimits(slot, settings)).toEqual([
    { name: "turns", limit: 10, windowSeconds: 60, remaining: 7, resetSeconds: 42 },
    { name: "turns-hour", limit: 60, windowSeconds: 3600, remaining: 47, resetSeconds: 3000 },
  ]);
});

it("leaves nothing, not less, when a limit was lowered", () => {
  const slot = { minute_count: 30, minute_resets_in: 1, hour_count: 90, hour_resets_in: 2 };
  expect(toRateLimits(slot, settings)).toMatchObject([{ remaining: 0 }, { remaining: 0 }]);
});
