import { describe, expect, it } from "vitest";
import { startBench } from "./qstash-harness.ts";

const far = { delay: 3600 } as const;

describe("messages", () => {
  it("shows a waiting message and says 404 for one it does not know", async () => {
    const { client, destination } = await startBench();
    const settings = { retries: 7, label: ["l1", "l2"], retryDelay: "1000", ...far };
    const { messageId } = await client.publish({ url: destination.url, body: "b", ...settings });
    expect(await client.messages.get(messageId)).toMatchObject({
      ...{ messageId, url: destination.url, method: "POST", body: "b", maxRetries: 7, retryDelayExpression: "1000" },
      ...{ label: "l1", labels: ["l1", "l2"], createdAt: expect.any(Number), notBefore: expect.any(Number) },
    });
    await expect(client.messages.get("msg_none")).rejects.toMatchObject({ status: 404 });
  });

  it("cancels one, several, by filter and all; a cancelled message is never delivered", async () => {
    const { client, destination, qstash } = await startBench();
    const publish = async (label: string) => (await client.publish({ url: destination.url, label, ...far })).messageId;
    const ids = [await publish("a"), await publish("a"), await publish("a")] as const;
    await publish("b");
    await publish("b");
    await publish("c");
    expect(await client.messages.cancel(ids[0])).toEqual({ cancelled: 1 });
    await expect(client.messages.cancel(ids[0])).rejects.toMatchObject({ status: 404 });
    expect(await client.messages.cancel([ids[1], ids[2], "msg_none"])).toEqual({ cancelled: 2 });
    expect(await client.messages.cancel({ filter: { label: ["b", "x"] } })).toEqual({ cancelled: 2 });
    expect(await client.messages.cancel({ all: true })).toEqual({ cancelled: 1 });
    qstash.advance(7_200_000);
    await qstash.core.settled();
    expect(destination.arrivals).toEqual([]);
  });

  it("drops a message cancelled in flight: its failure starts no retry", async () => {
    const bench = await startBench();
    const { client, destination, qstash } = bench;
    let fail: () => void = () => undefined;
    destination.answer(
      () =>
        new Promise((resolve) => {
          fail = () => resolve({ status: 500 });
        }),
    );
    const { messageId } = await client.publish({ url: destination.url });
    await destination.arrived(1);
    await client.messages.cancel(messageId);
    fail();
    await qstash.core.settled();
    expect(qstash.stats()).toMatchObject({ retried: 0, dead: 0, pending: 0 });
  });

  it("keeps a log that events and logs both show, newest first", async () => {
    const { client, destination, drain } = await startBench();
    destination.answer(({ headers }) => ({ status: headers["upstash-retried"] === "0" ? 500 : 200 }));
    const { messageId } = await client.publish({ url: destination.url, retryDelay: "10" });
    await client.publish({ url: destination.url, ...far });
    await drain();
    const { logs } = await client.logs({ messageIds: [messageId] });
    const life = ["CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "DELIVERED"];
    expect(logs.map(({ state }) => state)).toEqual(life.toReversed());
    expect((await client.events({ filter: { state: "CREATED" } })).events).toHaveLength(2);
    const firstPage = await client.logs({ count: 2 });
    const secondPage = await client.logs({ count: 2, cursor: firstPage.cursor ?? "" });
    const newest = (await client.logs({ count: 4 })).logs;
    expect([...firstPage.logs, ...secondPage.logs]).toEqual(newest);
  });
});
