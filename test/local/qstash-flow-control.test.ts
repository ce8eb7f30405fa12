import { describe, expect, it } from "vitest";
import { type Bench, startBench } from "./qstash-harness.ts";

/** Answers wait here until they are let go, oldest first. */
function holdAnswers({ destination }: Bench): { release(): void; readonly held: () => number } {
  const waiting: (() => void)[] = [];
  destination.answer(() => new Promise((resolve) => waiting.push(() => resolve({}))));
  return { release: () => waiting.shift()?.(), held: () => waiting.length };
}

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
