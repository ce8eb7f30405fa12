import { describe, expect, it } from "vitest";
import { createManualClock } from "../../src/local/qstash/clock.ts";
import { createQueueCore, runUntilIdle } from "../../src/local/qstash/core.ts";
import type { Attempt } from "../../src/local/qstash/core-state.ts";
import { parseDurationMs, parseRetryAfterMs } from "../../src/local/qstash/duration.ts";
import { createFaults } from "../../src/local/qstash/faults.ts";
import { type Answer, createPublishRequest } from "../../src/local/qstash/message.ts";
import { defaultRetryDelay, parseRetryDelay } from "../../src/local/qstash/retry-delay.ts";

const answered = (status: number): Answer => ({ kind: "response", status, header: {}, bodyBase64: "" });

/** A core driven in-process, with what it delivered and when, in queue time. */
function startCore(faults: unknown, reply: (attempt: Attempt) => Answer = () => answered(200)) {
  const clock = createManualClock(1_000_000);
  const deliveries: string[] = [];
  const deliver = async (attempt: Attempt) => {
    const { message, isDuplicate } = attempt;
    deliveries.push(`${clock.now()} ${message.url} ${message.retried}${isDuplicate ? " twice" : ""}`);
    return reply(attempt);
  };
  const core = createQueueCore({ clock, deliver, faults: createFaults(faults) });
  return { clock, core, deliveries };
}

async function runSchedule(
  seed: number,
): Promise<{ readonly deliveries: readonly string[]; readonly isIdle: boolean }> {
  const rates = {
    duplicate: { rate: 0.3 },
    reorder: { rate: 0.5 },
    hang_delivery: { rate: 0.1 },
    lose_answer: { rate: 0.1 },
  };
  const { core, clock, deliveries } = startCore({ seed, ...rates });
  for (let index = 0; index < 40; index += 1) core.publish(createPublishRequest({ url: `m${index}`, maxRetries: 9 }));
  const isIdle = await runUntilIdle(core, clock);
  return { deliveries, isIdle };
}

describe("the queue core without its wire", () => {
  it("repeats a schedule to the millisecond for the same seed, and makes another for another", async () => {
    const [one, same, other] = [await runSchedule(1), await runSchedule(1), await runSchedule(2)];
    expect(one).toEqual(same);
    expect(one.deliveries).not.toEqual(other.deliveries);
    expect(one.isIdle).toBe(true);
  });

  it("delivers every message at least once over a hundred faulty schedules, and never stays busy", async () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const { deliveries, isIdle } = await runSchedule(seed);
      expect(new Set(deliveries.map((line) => line.split(" ")[1])).size).toBe(40);
      expect(isIdle).toBe(true);
    }
  });

  it("keeps the same fate for a message whatever is published beside it after it", async () => {
    const fate = async (count: number) => {
      const { core, clock, deliveries } = startCore({ seed: 5, lose_answer: { rate: 0.5 } });
      for (let index = 0; index < count; index += 1) core.publish(createPublishRequest({ url: `m${index}` }));
      await runUntilIdle(core, clock);
      return deliveries.filter((line) => line.includes(" m0 "));
    };
    expect(await fate(1)).toEqual(await fate(20));
  });

  it("waits 12 s, 2 min 28 s and 30 min by default, then buries", async () => {
    const { core, clock, deliveries } = startCore({}, () => answered(500));
    core.publish(createPublishRequest({ url: "m" }));
    await runUntilIdle(core, clock);
    const times = deliveries.map((line) => Number(line.split(" ")[0]));
    const waits = times.slice(1).map((time, index) => Math.floor((time - (times[index] ?? 0)) / 1000));
    expect(waits).toEqual([12, 148, 1808]);
    expect(core.stats()).toMatchObject({ attempts: 4, dead: 1, pending: 0 });
  });

  it("counts a delivery that throws as a failed attempt", async () => {
    const { core, clock } = startCore({}, () => {
      throw new Error("no route");
    });
    core.publish(createPublishRequest({ url: "m", maxRetries: 0 }));
    await runUntilIdle(core, clock);
    expect(core.events().find(({ state }) => state === "ERROR")).toMatchObject({ error: "no route" });
    expect(core.stats()).toMatchObject({ attempts: 1, dead: 1 });
  });

  it("says so when it cannot come to rest", async () => {
    const { core, clock } = startCore({ down: true });
    core.publish(createPublishRequest({ url: "m" }));
    expect(await runUntilIdle(core, clock, 50)).toBe(false);
  });
});

describe("an Upstash-Retry-Delay expression", () => {
  it.each([
    ["1000", 0, 1000],
    ["1000 * (1 + retried)", 2, 3000],
    ["pow(2, retried)", 5, 32],
    ["pow(2, retried) * 1000 - 500", 1, 1500],
    ["max(10, pow(2, retried))", 2, 10],
    ["min(10, retried, 4)", 7, 4],
    ["10 - 3 - 2", 0, 5],
    ["100 / 10 / 5", 0, 2],
    ["2 + 3 * 4", 0, 14],
    ["-(-7)", 0, 7],
    ["floor(1.9) + ceil(1.1) + round(2.5)", 0, 6],
    ["sqrt(abs(-81))", 0, 9],
    ["exp(0)", 0, 1],
    ["0 - 5", 0, 0],
    ["1 / 0", 0, 86_400_000],
    ["0 / 0", 0, 0],
    ["pow(10, 99)", 0, 86_400_000],
  ])("%s with retried %i is %i ms", (expression, retried, ms) => {
    expect(parseRetryDelay(expression)?.(retried)).toBe(ms);
  });

  it.each([
    "",
    "1 +",
    "(1",
    "1)",
    "1 2",
    "retries",
    "pow 2",
    "pow()",
    "pow(2,)",
    "process.exit()",
    "1;2",
    "constructor(1)",
    "1".repeat(300),
  ])("%s is none", (expression) => {
    expect(parseRetryDelay(expression)).toBeUndefined();
  });

  it("defaults to e^(2.5n) seconds, at most a day", () => {
    expect([0, 1, 2, 3, 4, 9].map((retried) => Math.round(defaultRetryDelay(retried) / 1000))).toEqual([
      12, 148, 1808, 22_026, 86_400, 86_400,
    ]);
  });
});

describe("durations and dates", () => {
  it.each([
    ["10s", 10_000],
    ["6m5s", 365_000],
    ["1d2h", 93_600_000],
    ["0.5s", 500],
    ["250ms", 250],
    ["30", 30_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(["", "s", "10x", "-5s", "5s later"])("%j is no duration", (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it("reads an HTTP date against the wall clock, and a past one as now", () => {
    const date = "Sun, 06 Nov 1994 08:49:37 GMT";
    expect(parseRetryAfterMs(date, Date.parse(date) - 5000)).toBe(5000);
    expect(parseRetryAfterMs(date, Date.parse(date) + 5000)).toBe(0);
    expect(parseRetryAfterMs("soon", 0)).toBeUndefined();
  });
});
