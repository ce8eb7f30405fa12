import { describe, expect, it } from "vitest";
import { type Bench, frozenClock, startBench } from "./qstash-harness.ts";

async function withFaults(faults: unknown): Promise<Bench> {
  const bench = await startBench();
  expect((await bench.call("PUT", "/_faults", faults)).status).toBe(200);
  return bench;
}

const publishAll = async ({ client, destination }: Bench, bodies: readonly string[]) => {
  for (const body of bodies) await client.publish({ url: destination.url, body });
};

const bodiesOf = ({ destination }: Bench) => destination.arrivals.map(({ body }) => body);

describe("the QStash stand-in's fault switches", () => {
  it("are shown, replaced, cleared, and refused when unknown", async () => {
    const { call } = await withFaults({ drop: { next: 1 } });
    expect(await (await call("GET", "/_faults")).json()).toMatchObject({ seed: 1, drop: { next: 1 } });
    expect((await call("PUT", "/_faults", { drpo: { next: 1 } })).status).toBe(400);
    await call("PUT", "/_faults", { seed: 2 });
    expect(await (await call("GET", "/_faults")).json()).not.toHaveProperty("drop");
    expect(await (await call("DELETE", "/_faults")).json()).toMatchObject({ seed: 1 });
  });

  it("publish_error: answers the status so many times and accepts nothing then", async () => {
    const { client, destination, qstash } = await withFaults({ publish_error: { next: 2, status: 500 } });
    const publish = () => client.publish({ url: destination.url });
    await expect(publish()).rejects.toMatchObject({ status: 500 });
    await expect(publish()).rejects.toMatchObject({ status: 500 });
    expect(qstash.stats().published).toBe(0);
    await publish();
    await destination.arrived(1);
  });

  it("publish_hang: answers nothing and accepts nothing; publish_lose_answer: accepts and answers nothing", async () => {
    const bench = await withFaults({ publish_hang: { next: 1, ms: 1 }, publish_lose_answer: { next: 1 } });
    const publish = () => bench.client.publish({ url: bench.destination.url });
    await expect(publish()).rejects.toThrow("fetch failed");
    expect(bench.qstash.stats().published).toBe(0);
    await expect(publish()).rejects.toThrow("fetch failed");
    expect(bench.qstash.stats().published).toBe(1);
  });

  it("down: cuts every call and delivers nothing until it is up again", async () => {
    const bench = await startBench();
    await bench.client.publish({ url: bench.destination.url, delay: 1, body: "before" });
    await bench.call("PUT", "/_faults", { down: true });
    await expect(bench.client.publish({ url: bench.destination.url })).rejects.toThrow("fetch failed");
    bench.qstash.advance(60_000);
    await bench.qstash.core.settled();
    expect(bodiesOf(bench)).toEqual([]);
    await bench.call("DELETE", "/_faults");
    await bench.drain();
    expect(bodiesOf(bench)).toEqual(["before"]);
  });

  it("drop: accepts and never delivers", async () => {
    const bench = await withFaults({ drop: { next: 1 } });
    await publishAll(bench, ["lost", "kept"]);
    await bench.drain();
    expect(bodiesOf(bench)).toEqual(["kept"]);
    expect(bench.qstash.stats()).toMatchObject({ published: 2, dropped: 1, delivered: 1 });
  });

  it("duplicate: delivers twice with one message id, at once or later", async () => {
    const bench = await withFaults({ duplicate: { rate: 1 } });
    await publishAll(bench, ["now"]);
    const [first, second] = await bench.destination.arrived(2);
    expect(second?.headers["upstash-message-id"]).toBe(first?.headers["upstash-message-id"]);
    await bench.call("PUT", "/_faults", { duplicate: { rate: 1, after_ms: 3_600_000 } });
    await publishAll(bench, ["later"]);
    await bench.destination.arrived(3);
    await bench.qstash.core.settled();
    expect(await (await bench.call("GET", "/_faults/idle")).json()).toMatchObject({ idle: false, pending: 0 });
    await bench.drain();
    expect(bodiesOf(bench)).toEqual(["now", "now", "later", "later"]);
  });

  it("reorder: lets messages overtake each other, in the same way for the same seed", async () => {
    const orders: string[][] = [];
    for (const seed of [7, 7, 8]) {
      const bench = await startBench(frozenClock());
      bench.qstash.core.faults.set({ seed, reorder: { rate: 1, window_ms: 60_000 } });
      await publishAll(bench, ["1", "2", "3", "4", "5", "6"]);
      await bench.drain();
      orders.push(bodiesOf(bench));
    }
    expect(orders[0]).toEqual(orders[1]);
    expect(orders[0]).not.toEqual(orders[2]);
    expect(orders[0]?.toSorted()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("delay: starts that much later", async () => {
    const bench = await withFaults({ delay: { next: 1, ms: 60_000 } });
    await publishAll(bench, ["late"]);
    expect(bench.qstash.stats()).toMatchObject({ pending: 1, attempts: 0 });
    bench.qstash.advance(60_000);
    await bench.destination.arrived(1);
  });

  it("hang_delivery: the destination hears nothing until the retry; lose_answer: it hears twice", async () => {
    const hanging = await withFaults({ hang_delivery: { next: 1 } });
    await publishAll(hanging, ["a"]);
    await hanging.drain();
    expect(hanging.destination.arrivals.map(({ headers }) => headers["upstash-retried"])).toEqual(["1"]);
    const losing = await withFaults({ lose_answer: { next: 1 } });
    await publishAll(losing, ["a"]);
    await losing.drain();
    expect(losing.destination.arrivals.map(({ headers }) => headers["upstash-retried"])).toEqual(["0", "1"]);
  });

  it("time_scale: makes waiting quick, and goes back to normal when cleared", async () => {
    const bench = await withFaults({ time_scale: 1_000_000 });
    await bench.client.publish({ url: bench.destination.url, delay: 3600 });
    await bench.destination.arrived(1);
    await bench.call("DELETE", "/_faults");
    await bench.client.publish({ url: bench.destination.url, delay: 3600 });
    expect(bench.qstash.stats().pending).toBe(1);
  });

  it("advance: by so much, or to whatever is due next", async () => {
    const bench = await startBench();
    await bench.client.publish({ url: bench.destination.url, delay: 60 });
    const before: unknown = await (await bench.call("POST", "/_faults/advance", { ms: 30_000 })).json();
    expect(before).toMatchObject({ idle: false, pending: 1, in_flight: 0, next_due_in_ms: expect.any(Number) });
    await bench.call("POST", "/_faults/advance");
    await bench.destination.arrived(1);
    await bench.drain();
    expect(await (await bench.call("GET", "/_faults/idle")).json()).toEqual({
      idle: true,
      pending: 0,
      in_flight: 0,
      next_due_in_ms: null,
    });
  });
});
