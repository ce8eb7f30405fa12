import { describe, expect, it } from "vitest";
import { type Bench, startBench } from "./qstash-harness.ts";

/** Answers wait here until they are let go, oldest first. */
function holdAnswers({ destination }: Bench): { release(): void; readonly held: () => number } {
  const waiting: (() => void)[] = [];
  destination.answer(() => new Promise((resolve) => waiting.push(() => resolve({}))));
  return { release: () => waiting.shift()?.(), held: () => waiting.length };
}

describe("queues", () => {
  it("deliver one at a time in order, retries included, when parallelism is 1", async () => {
    const { client, destination, drain } = await startBench();
    const queue = client.queue({ queueName: "fifo" });
    destination.answer(({ body, headers }) => ({
      status: body === "1" && headers["upstash-retried"] === "0" ? 500 : 200,
    }));
    for (const body of ["1", "2", "3"]) await queue.enqueue({ url: destination.url, body });
    await drain();
    expect(destination.arrivals.map(({ body }) => body)).toEqual(["1", "1", "2", "3"]);
    expect(destination.arrivals[0]?.headers["upstash-queue-name"]).toBe("fifo");
  });

  it("never have more in flight than their parallelism", async () => {
    const bench = await startBench();
    const { client, destination, qstash } = bench;
    const { release, held } = holdAnswers(bench);
    const queue = client.queue({ queueName: "pair" });
    await queue.upsert({ parallelism: 2 });
    for (const body of ["1", "2", "3"]) await queue.enqueueJSON({ url: destination.url, body: { body } });
    await destination.arrived(2);
    expect(qstash.stats()).toMatchObject({ in_flight: 2, pending: 3 });
    expect(await queue.get()).toMatchObject({ name: "pair", parallelism: 2, lag: 3, paused: false });
    expect(held()).toBe(2);
    release();
    expect(await destination.arrived(3)).toHaveLength(3);
    release();
    release();
  });

  it("hold everything while paused, are listed, and take their messages with them when deleted", async () => {
    const { client, destination, qstash, drain } = await startBench();
    const queue = client.queue({ queueName: "q" });
    await queue.upsert({ parallelism: 1, paused: true });
    await queue.enqueue({ url: destination.url, body: "1" });
    await queue.resume();
    await drain();
    await queue.pause();
    expect(await queue.list()).toMatchObject([{ name: "q", paused: true }]);
    await queue.enqueue({ url: destination.url, body: "2" });
    await queue.delete();
    await drain();
    expect(destination.arrivals.map(({ body }) => body)).toEqual(["1"]);
    expect(qstash.stats().pending).toBe(0);
    await expect(queue.get()).rejects.toMatchObject({ status: 404 });
  });
});

describe("flow control", () => {
  it("bounds what is in flight under one key, and nothing under another", async () => {
    const bench = await startBench();
    const { client, destination } = bench;
    const { release } = holdAnswers(bench);
    const publish = (key: string) => client.publish({ url: destination.url, flowControl: { key, parallelism: 1 } });
    await publish("a");
    await publish("a");
    await publish("b");
    await destination.arrived(2);
    expect(await client.flowControl.get("a")).toMatchObject({
      parallelismMax: 1,
      parallelismCount: 1,
      waitListSize: 1,
    });
    expect(await client.flowControl.getGlobalParallelism()).toMatchObject({ parallelismCount: 2 });
    release();
    await destination.arrived(3);
    release();
    release();
  });

  it("starts no more than the rate within a period", async () => {
    const { client, destination, qstash } = await startBench();
    const flowControl = { key: "r", rate: 2, period: "1d" } as const; // long, so that no period ends while this runs
    for (let index = 0; index < 5; index += 1) await client.publish({ url: destination.url, flowControl });
    await destination.arrived(2);
    const found = () => client.flowControl.get("r");
    await expect.poll(found).toMatchObject({ rateMax: 2, rateCount: 2, ratePeriod: 86_400, waitListSize: 3 });
    qstash.advance(86_400_000);
    await qstash.core.settled();
    expect(destination.arrivals).toHaveLength(4);
    await client.flowControl.resetRate("r");
    await destination.arrived(5);
  });

  it("pauses, resumes, and keeps a pinned setting over what messages ask", async () => {
    const { client, destination, qstash } = await startBench();
    const { flowControl } = client;
    await flowControl.pause("k");
    await flowControl.pin("k", { parallelism: 9 });
    await client.publish({ url: destination.url, flowControl: { key: "k", parallelism: 1, rate: 3 } });
    qstash.advance(0);
    expect(await flowControl.get("k")).toMatchObject({
      ...{
        isPaused: true,
        isPinnedParallelism: true,
        isPinnedRate: false,
        parallelismMax: 9,
        rateMax: 3,
        waitListSize: 1,
      },
    });
    await flowControl.unpin("k", { parallelism: true });
    await flowControl.resume("k");
    await destination.arrived(1);
    expect(await flowControl.get("k")).toMatchObject({ isPaused: false, isPinnedParallelism: false });
  });
});
