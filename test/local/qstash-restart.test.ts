import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBench } from "./qstash-harness.ts";

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "qstash-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "queue.jsonl");
}

describe("a restart of the QStash stand-in", () => {
  it("keeps what was not delivered, its retries and deduplication", async () => {
    const dataFile = temporaryFile();
    const first = await startBench({ dataFile });
    const { client, destination, qstash } = first;
    destination.answer(({ path }) => ({ status: path === "/retried" || path === "/dead" ? 500 : 200 }));
    await client.publish({ url: `${destination.url}/done` });
    await client.publish({ url: `${destination.url}/retried`, retryDelay: "3600000" });
    await client.publish({ url: `${destination.url}/dead`, retries: 0 });
    await client.publish({ url: `${destination.url}/waiting`, delay: 3600, deduplicationId: "d", body: "é" });
    await destination.arrived(3);
    await qstash.core.settled();
    await qstash.stop();
    appendFileSync(dataFile, '{"key":"message:torn","val');

    const second = await startBench({ dataFile });
    destination.answer(() => ({}));
    expect(second.qstash.stats()).toMatchObject({ pending: 2 });
    const again = await second.client.publish({ url: destination.url, deduplicationId: "d" });
    expect(again).toHaveProperty("deduplicated", true);
    await second.drain();
    const arrived = destination.arrivals
      .slice(3)
      .map(({ path, headers }) => [path, headers["upstash-retried"]].join(" "));
    expect(arrived.sort()).toEqual(["/retried 1", "/waiting 0"]);
    expect(destination.arrivals.find(({ path }) => path === "/waiting")?.body).toBe("é");
  });

  it("delivers again what was in flight when it stopped, and only that", async () => {
    const dataFile = temporaryFile();
    const first = await startBench({ dataFile });
    first.destination.answer(({ path }) => (path === "/slow" ? new Promise(() => {}) : {}));
    await first.client.publish({ url: `${first.destination.url}/quick` });
    await first.client.publish({ url: `${first.destination.url}/slow` });
    await first.destination.arrived(2);
    await expect.poll(() => first.qstash.stats().delivered).toBe(1);
    await first.qstash.stop();
    first.destination.answer(() => ({}));
    const second = await startBench({ dataFile });
    await second.drain();
    expect(first.destination.arrivals.slice(2)).toMatchObject([{ path: "/slow", headers: { "upstash-retried": "0" } }]);
    await second.qstash.stop();
    const third = await startBench({ dataFile });
    expect(third.qstash.stats().pending).toBe(0);
  });
});
