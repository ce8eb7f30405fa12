import { describe, expect, it } from "vitest";
import { decideNext, failingDays, hasFailedTooLong, longestWaitSeconds, maxAttempts } from "./retry-schedule.ts";

function answered(status: number, retryAfterSeconds: number | null = null) {
  return { kind: "answered", status, latencyMs: 12, retryAfterSeconds, excerpt: "" } as const;
}

describe("the retry schedule", () => {
  it("is that of Standard Webhooks: ten attempts over three days", () => {
    const attempts = Array.from({ length: maxAttempts }, (_, index) => decideNext(answered(500), index + 1));
    const waits = attempts.map((next) => (next.kind === "retry" ? next.waitSeconds : next.kind));
    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, "failed"]);
  });

  it.each([200, 201, 202, 204, 226, 299])("ends with a %i", (status) => {
    expect(decideNext(answered(status), 1)).toEqual({ kind: "succeeded" });
    expect(decideNext(answered(status, 60), maxAttempts)).toEqual({ kind: "succeeded" });
  });

  it.each([100, 199, 300, 301, 302, 307, 308, 400, 401, 404, 408, 409, 429, 500, 503, 599])(
    "goes on after a %i",
    (status) => {
      expect(decideNext(answered(status), 3)).toEqual({ kind: "retry", waitSeconds: 1800 });
      expect(decideNext(answered(status), maxAttempts)).toEqual({ kind: "failed" });
    },
  );

  it("goes on after what was refused or broke, and ends as it does", () => {
    for (const kind of ["refused", "failed"] as const) {
      expect(decideNext({ kind, reason: "x" }, 1)).toEqual({ kind: "retry", waitSeconds: 5 });
      expect(decideNext({ kind, reason: "x" }, maxAttempts)).toEqual({ kind: "failed" });
    }
  });

  it("is over for good at a 410, whichever attempt it answers", () => {
    for (const attempt of [1, 5, maxAttempts]) expect(decideNext(answered(410, 60), attempt)).toEqual({ kind: "gone" });
  });

  it.each([
    [429, 60, 1, 60],
    [429, 0, 1, 5],
    [429, 3, 1, 5],
    [503, 7201, 4, 7201],
    [429, 60, 4, 7200],
    [429, 10_000_000, 1, longestWaitSeconds],
    [429, null, 2, 300],
  ])("after a %i with Retry-After %s, attempt %i waits %i s", (status, retryAfter, attempt, waitSeconds) => {
    expect(decideNext(answered(status, retryAfter), attempt)).toEqual({ kind: "retry", waitSeconds });
  });

  it("is not made longer by an attempt after the last one", () => {
    expect(decideNext(answered(429, 60), maxAttempts)).toEqual({ kind: "failed" });
    expect(decideNext(answered(500), maxAttempts + 7)).toEqual({ kind: "failed" });
  });
});

describe("an endpoint that fails", () => {
  it(`has failed too long after ${failingDays} days, and not a moment before`, () => {
    const since = new Date("2026-11-01T00:00:00.000Z");
    expect(hasFailedTooLong(since, new Date("2026-11-05T23:59:59.999Z"))).toBe(false);
    expect(hasFailedTooLong(since, new Date("2026-11-06T00:00:00.000Z"))).toBe(true);
    expect(hasFailedTooLong(since, since)).toBe(false);
  });
});
