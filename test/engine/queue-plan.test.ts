import { describe, expect, it, onTestFinished } from "vitest";
import { Ready } from "../../src/contract/service.ts";
import { Turn } from "../../src/contract/turns.ts";
import { type Bench, openBench } from "./engine-bench.ts";
import { chatRequests } from "./engine-kit.ts";

const words = "quota maxRetries exceeded";

/** A queue whose plan allows five retries. */
async function benchOnPlan(variables: Readonly<Record<string, string>>): Promise<Bench> {
  const bench = await openBench({ variables });
  onTestFinished(() => bench.stop());
  await bench.setFaults("qstash", { plan: { max_retries: 5 } });
  return bench;
}

async function readyOf(bench: Bench): Promise<Ready> {
  return (await bench.request("get", "/ready")).json(Ready);
}

describe("a queue with a plan", () => {
  it("takes the messages of an environment that does not set its retries", async () => {
    const bench = await benchOnPlan({});
    const room = await bench.furnish(["ada", "bob"]);
    expect(await room.finish(await room.send("Go"))).toMatchObject({ status: "completed" });
    expect((await readyOf(bench)).status).toBe("ready");
  });

  it("that refuses what is published is an error in the log, and down in /ready, until it accepts something", async () => {
    const bench = await benchOnPlan({ QSTASH_RETRIES: "8" });
    const room = await bench.furnish(["ada"]);
    const turn = await room.send("Go");
    await bench.pass(16);
    await bench.sweep();
    expect((await bench.request("get", `/turns/${turn.id}`, { token: room.user.token })).json(Turn).status).toBe(
      "queued",
    );
    expect(chatRequests(bench)).toHaveLength(0);
    const refused = bench.logged.filter(({ event }) => event === "publish_refused");
    expect(refused.map(({ level, fields }) => [level, fields.messages, fields.words])).toEqual([
      ["error", 1, words],
      ["error", 1, words],
    ]);
    const { status, dependencies } = await readyOf(bench);
    expect([status, dependencies.queue?.state]).toEqual(["not_ready", "down"]);
    expect(dependencies.queue?.detail).toContain(words);
    await bench.setFaults("qstash", {});
    await bench.pass(31);
    await bench.sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
    expect((await readyOf(bench)).status).toBe("ready");
  });

  it("that is only away is no refusal", async () => {
    const bench = await benchOnPlan({});
    const room = await bench.furnish(["ada"]);
    for (const status of [429, 503]) {
      await bench.setFaults("qstash", { publish_error: { next: 2, status } });
      await room.send("Go", { on_busy: "enqueue" });
      await bench.setFaults("qstash", {});
    }
    expect(bench.logged.map(({ event }) => event)).not.toContain("publish_refused");
    expect((await readyOf(bench)).status).toBe("ready");
  });
});
