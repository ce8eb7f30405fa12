import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { chatRequests, useBench } from "./engine-kit.ts";

const bench = useBench({
  variables: {
    MODEL_TIMEOUT_SECONDS: "1",
    STEP_DEADLINE_SECONDS: "2",
    STEP_TIMEOUT_SECONDS: "30",
    STEP_LEASE_SECONDS: "60",
  },
});

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
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: String(seconds) });
      await bench().pass(seconds);
    }
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
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
