import { expect, test } from "vitest";
import { remoteTimeoutMs } from "./remote-time.ts";

test("a server has twenty seconds, and less where a model call leaves less", () => {
  expect(remoteTimeoutMs({ stepDeadlineSeconds: 100, modelTimeoutSeconds: 60 })).toBe(20_000);
  expect(remoteTimeoutMs({ stepDeadlineSeconds: 70, modelTimeoutSeconds: 60 })).toBe(5_000);
});

test("a listing that takes all of its time leaves enough for a model call, and for a call of a tool", () => {
  for (const [stepDeadlineSeconds, modelTimeoutSeconds] of [
    [2, 1],
    [61, 60],
    [100, 60],
    [700, 600],
  ] as const) {
    const ms = remoteTimeoutMs({ stepDeadlineSeconds, modelTimeoutSeconds });
    const left = stepDeadlineSeconds * 1_000 - ms;
    expect(left).toBeGreaterThanOrEqual(modelTimeoutSeconds * 1_000);
    expect(left).toBeGreaterThanOrEqual(ms);
  }
});
