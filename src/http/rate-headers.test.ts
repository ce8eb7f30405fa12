import { expect, it } from "vitest";
import { rateHeaders } from "./rate-headers.ts";

it("writes all limits into the two headers", () => {
  const limits = [
    { name: "turns", limit: 10, windowSeconds: 60, remaining: 7, resetSeconds: 42 },
    { name: "turns-hour", limit: 60, windowSeconds: 3600, remaining: 47, resetSeconds: 3000 },
  ];
  expect(rateHeaders(limits)).toEqual({
    "RateLimit-Policy": '"turns";q=10;w=60, "turns-hour";q=60;w=3600',
    RateLimit: '"turns";r=7;t=42, "turns-hour";r=47;t=3000',
  });
});

it("writes nothing where no limit is known", () => {
  expect(rateHeaders(undefined)).toEqual({});
});
