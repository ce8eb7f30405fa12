import { expect, it } from "vitest";
import { defaultContextSettings } from "../domain/context/settings.ts";
import { rateHeaders } from "./turn-rate.ts";

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
  expect(rateHeaders(slot, settings)).toEqual({
    "RateLimit-Policy": '"turns";q=10;w=60, "turns-hour";q=60;w=3600',
    RateLimit: '"turns";r=7;t=42, "turns-hour";r=47;t=3000',
  });
});

it("leaves nothing, not less, when a limit was lowered", () => {
  const slot = { minute_count: 30, minute_resets_in: 1, hour_count: 90, hour_resets_in: 2 };
  expect(rateHeaders(slot, settings).RateLimit).toBe('"turns";r=0;t=1, "turns-hour";r=0;t=2');
});
