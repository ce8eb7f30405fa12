import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Turn } from "../../src/contract/turns.ts";
import { holdDeadlines, untilCallHangs } from "../support/held-deadlines.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import { modelTimeoutMs } from "./fault-plays.ts";

const bench = useBench();

/** One delivery whose call hangs until its time is up. */
async function deliverAndWait(turn: Turn) {
  const deadlines = holdDeadlines(modelTimeoutMs);
  const delivered = bench().deliver(turn, 0);
  await untilCallHangs(bench().cloud.standIns.openRouter);
  deadlines.expire();
  return delivered.finally(deadlines.restore);
}

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

describe("a model that never answers", () => {
  it.each([
    ["case 17", "before its headers", { hang_before_headers: { system_contains: "You are ada." } }],
    ["case 41", "in mid-stream", { hang_mid_stream: { system_contains: "You are ada." } }],
  ])("%s: is left when its time is up (%s), asked again, then failed on the record", async (_case, _where, faults) => {
    bench().cloud.standIns.openRouter.setFaults(faults);
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    for (const seconds of [2, 4, 8, 16]) {
      expect(await deliverAndWait(turn)).toMatchObject({ status: 503, retryAfter: String(seconds) });
      await bench().pass(seconds);
    }
    expect(await deliverAndWait(turn)).toMatchObject({ status: 200 });
    expect(await bench().deliver(turn, 1)).toMatchObject({ status: 200 });
    expect(await room.finish(turn)).toMatchObject({
      status: "partial",
      steps: [{ status: "failed", attempts: 5, error: { type: "timeout" } }, { status: "done" }],
    });
    expect(chatRequests(bench()).filter(({ outcome }) => outcome === "caller_left")).toHaveLength(5);
    const Row = z.object({ status: z.string(), is_estimated: z.boolean() });
    const rows = await bench().rows(
      Row,
      "select status, is_estimated from llm_call_events where turn_id = $1 and agent_key = 'ada'",
      [turn.id],
    );
    expect(rows).toEqual(Array.from({ length: 5 }, () => ({ status: "aborted", is_estimated: true })));
  });
});
