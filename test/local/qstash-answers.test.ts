import { describe, expect, it } from "vitest";
import { type Bench, frozenClock, type Reply, startBench } from "./qstash-harness.ts";

async function publishTo(reply: Reply, settings: Record<string, unknown> = {}): Promise<Bench> {
  const bench = await startBench(frozenClock());
  bench.destination.answer(({ headers }) => (headers["upstash-retried"] === "0" ? reply : {}));
  await bench.client.publish({ url: `${bench.destination.url}/a`, ...settings });
  await bench.destination.arrived(1);
  await bench.qstash.core.settled();
  return bench;
}

function waitMs({ qstash }: Bench): number | undefined {
  const [event] = qstash.core.events().filter(({ state }) => state === "RETRY");
  return event === undefined ? undefined : (event.nextDeliveryTime ?? 0) - event.time;
}

describe("what the QStash stand-in does with an answer", () => {
  it.each([200, 201, 204, 299])("is done at %i", async (status) => {
    const { qstash } = await publishTo({ status });
    expect(qstash.stats()).toMatchObject({ delivered: 1, retried: 0, dead: 0, pending: 0 });
  });

  it.each([301, 400, 404, 409, 429, 489, 500, 503])("tries again after %i", async (status) => {
    const bench = await publishTo({ status, headers: status === 301 ? { location: "/elsewhere" } : {} });
    expect(bench.qstash.stats()).toMatchObject({ delivered: 0, retried: 1, dead: 0, pending: 1 });
    expect(waitMs(bench)).toBe(12_182);
    await bench.drain();
    expect(bench.destination.arrivals.map(({ path }) => path)).toEqual(["/a", "/a"]);
  });

  it("buries at once what answers 489 with the non-retryable header", async () => {
    const headers = { "Upstash-NonRetryable-Error": "true" };
    const { qstash } = await publishTo({ status: 489, headers, body: "poison" });
    expect(qstash.stats()).toMatchObject({ retried: 0, dead: 1, pending: 0 });
    expect(qstash.core.events().map(({ state }) => state)).toEqual(["FAILED", "ERROR", "ACTIVE", "CREATED"]);
  });

  it.each([
    ["7", 7000],
    ["6m5s", 365_000],
    ["0", 0],
  ])("honours Retry-After: %s over the message's own delay", async (value, ms) => {
    const bench = await publishTo({ status: 503, headers: { "Retry-After": value } }, { retryDelay: "99000" });
    expect(waitMs(bench)).toBe(ms);
  });

  it("honours Retry-After as a date", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const ms = waitMs(await publishTo({ status: 429, headers: { "Retry-After": date } }));
    expect(ms).toBeGreaterThan(3_500_000);
    expect(ms).toBeLessThanOrEqual(3_600_000);
  });

  it("waits as Upstash-Retry-Delay says, from retried 0", async () => {
    const bench = await startBench(frozenClock());
    bench.destination.answer(() => ({ status: 500 }));
    await bench.client.publish({
      url: bench.destination.url,
      retries: 3,
      retryDelay: "max(1500, pow(2, retried) * 1000)",
    });
    await bench.drain();
    const retries = bench.qstash.core.events().filter(({ state }) => state === "RETRY");
    expect(retries.map(({ nextDeliveryTime = 0, time }) => nextDeliveryTime - time)).toEqual([4000, 2000, 1500]);
    expect(bench.destination.arrivals.map(({ headers }) => headers["upstash-retried"])).toEqual(["0", "1", "2", "3"]);
    expect(bench.qstash.stats()).toMatchObject({ attempts: 4, retried: 3, dead: 1 });
  });

  it("tries again when the destination cannot be reached, and buries it in the end", async () => {
    const { client, qstash, drain } = await startBench();
    await client.publish({ url: "http://127.0.0.1:1/", retries: 1 });
    await drain();
    expect(qstash.stats()).toMatchObject({ attempts: 2, dead: 1 });
    expect(qstash.core.events()).toMatchObject([
      { state: "FAILED" },
      { state: "ERROR", error: expect.stringContaining("ECONNREFUSED") },
      {},
      {},
      {},
      {},
      {},
    ]);
  });

  it("never retries at Upstash-Retries: 0", async () => {
    const { qstash } = await publishTo({ status: 500 }, { retries: 0 });
    expect(qstash.stats()).toMatchObject({ attempts: 1, dead: 1 });
  });
});
