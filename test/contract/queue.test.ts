import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createQueue, type QueueOptions } from "../../src/adapters/qstash/queue.ts";
import type { Queue, QueueMessage } from "../../src/ports/queue.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { type Bench, startBench, token } from "../local/qstash-harness.ts";

interface Harness {
  readonly queue: Queue;
  /** Accepted publish requests so far. */
  requestCount(): number;
  failNext(count: number): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Entrypoint and body of everything delivered by now, in any order. */
  delivered(): Promise<readonly (readonly [string, string])[]>;
}

const message = (body: string, rest: Partial<QueueMessage> = {}): QueueMessage => ({
  entrypoint: "steps",
  body,
  deduplicationId: `turn:${body}:1`,
  ...rest,
});

function describeQueue(name: string, createHarness: () => Promise<Harness>): void {
  describe(name, () => {
    it("brings each message to its entrypoint with its body unchanged", async () => {
      const { queue, delivered } = await createHarness();
      await queue.publish([message('{"é":"\\u0000"}'), message("two", { entrypoint: "deliveries" })]);
      expect(await delivered()).toEqual([
        ["deliveries", "two"],
        ["steps", '{"é":"\\u0000"}'],
      ]);
    });

    it("makes one request for any number of messages, and none for none", async () => {
      const { queue, requestCount } = await createHarness();
      await queue.publish([]);
      expect(requestCount()).toBe(0);
      await queue.publish(Array.from({ length: 25 }, (_, index) => message(`m${index}`)));
      expect(requestCount()).toBe(1);
    });

    it("delivers one of two publishes with the same deduplication id, and both when it is fresh", async () => {
      const { queue, delivered } = await createHarness();
      await queue.publish([message("a"), message("b")]);
      await queue.publish([message("a"), message("b", { deduplicationId: "turn:b:2" })]);
      expect(await delivered()).toEqual([
        ["steps", "a"],
        ["steps", "b"],
        ["steps", "b"],
      ]);
    });

    it("holds a delayed message back until its time", async () => {
      const { queue, delivered, advance } = await createHarness();
      await queue.publish([message("late", { delaySeconds: 600 }), message("now")]);
      expect(await delivered()).toEqual([["steps", "now"]]);
      await advance(600_000);
      expect(await delivered()).toEqual([
        ["steps", "late"],
        ["steps", "now"],
      ]);
    });

    it("says dependency_unavailable when the queue fails, delivers nothing, and works again after", async () => {
      const { queue, delivered, failNext } = await createHarness();
      await failNext(1);
      await expect(queue.publish([message("a")])).rejects.toMatchObject({ code: "dependency_unavailable" });
      expect(await delivered()).toEqual([]);
      await queue.publish([message("a")]);
      expect(await delivered()).toEqual([["steps", "a"]]);
    });
  });
}

describeQueue("the fake queue", async () => {
  const fake = createFakeQueue();
  return {
    queue: fake,
    requestCount: () => fake.requests.length,
    failNext: async (count) => fake.failNext(count),
    advance: async (ms) => fake.advance(ms),
    delivered: async () => sorted(fake.due().map(({ entrypoint, body }) => [entrypoint, body] as const)),
  };
});

describeQueue("the QStash adapter over the stand-in", async () => {
  const bench = await startBench();
  return {
    queue: createQueue(adapterOptions(bench)),
    requestCount: () => bench.qstash.stats().publish_requests,
    failNext: async (next) => void (await bench.call("PUT", "/_faults", { publish_error: { next } })),
    advance: async (ms) => bench.qstash.advance(ms),
    delivered: () => deliveredBy(bench),
  };
});

describe("the QStash adapter", () => {
  it("asks for our retries, our delay between them and our time-out", async () => {
    const bench = await startBench();
    bench.qstash.core.faults.set({ delay: { rate: 1, ms: 60_000 } });
    await createQueue(adapterOptions(bench)).publish([message("a")]);
    expect(bench.qstash.core.messages()).toMatchObject([
      {
        url: `${bench.destination.url}/internal/steps`,
        method: "POST",
        maxRetries: 6,
        retryDelayExpression: "min(300000, 5000 * pow(5, retried))",
        timeoutMs: 40_000,
        header: { "content-type": ["application/json"] },
      },
    ]);
  });

  it("gives up on a queue that hangs, without waiting for it", async () => {
    const bench = await startBench();
    bench.qstash.core.faults.set({ publish_hang: { rate: 1, ms: 600_000 } });
    const queue = createQueue({ ...adapterOptions(bench), fetchTimeoutMs: 50 });
    await expect(queue.publish([message("a")])).rejects.toMatchObject({ code: "dependency_unavailable" });
  });

  it("gives up on a queue that is not there", async () => {
    const bench = await startBench();
    await bench.qstash.stop();
    const publish = createQueue(adapterOptions(bench)).publish([message("a")]);
    await expect(publish).rejects.toMatchObject({ code: "dependency_unavailable" });
  });

  it("publishes again when an answer is lost, and the message still arrives once", async () => {
    const bench = await startBench();
    bench.qstash.core.faults.set({ publish_lose_answer: { next: 1 } });
    await createQueue(adapterOptions(bench)).publish([message("a")]);
    expect(await deliveredBy(bench)).toEqual([["steps", "a"]]);
    expect(bench.qstash.core.stats().deduplicated).toBe(1);
  });

  it("says dependency_unavailable for a wrong token, and does not show the token", async () => {
    const bench = await startBench();
    const queue = createQueue({ ...adapterOptions(bench), token: "wrong-secret" });
    const error: unknown = await queue.publish([message("a")]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "dependency_unavailable", message: expect.stringContaining("401") });
    expect(String(error)).not.toContain("wrong-secret");
  });

  it("is not moved to the SDK's development server by a variable of the environment", async () => {
    vi.stubEnv("QSTASH_DEV", "true");
    onTestFinished(() => void vi.unstubAllEnvs());
    const bench = await startBench();
    await createQueue(adapterOptions(bench)).publish([message("a")]);
    expect(await deliveredBy(bench)).toEqual([["steps", "a"]]);
  });

  it("refuses to be made without a token", () => {
    expect(() => createQueue({ ...plainOptions, token: "" })).toThrow("token is empty");
  });
});

const plainOptions: QueueOptions = {
  qstashUrl: "http://127.0.0.1:1",
  token,
  publicBaseUrl: "http://127.0.0.1:2/",
  stepTimeoutSeconds: 40,
  retries: 6,
  fetchTimeoutMs: 300_000,
};

function adapterOptions({ qstash, destination }: Bench): QueueOptions {
  return { ...plainOptions, qstashUrl: qstash.url, publicBaseUrl: `${destination.url}/` };
}

async function deliveredBy({ qstash, destination }: Bench): Promise<readonly (readonly [string, string])[]> {
  qstash.advance(0);
  await qstash.core.settled();
  return sorted(destination.arrivals.map(({ path, body }) => [path.replace("/internal/", ""), body] as const));
}

function sorted(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...pairs].sort((left, right) => (left.join() < right.join() ? -1 : 1));
}
