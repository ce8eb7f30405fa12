import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const once = { fail_next: 1 };
const setFaults = (faults: FaultSwitchesInput) => bench().cloud.standIns.openRouter.setFaults(faults);

async function read({ user }: Furnished, { id }: Turn): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

const Call = z.object({
  attempt: z.number(),
  ordinal: z.number(),
  status: z.string(),
  http_status: z.number().nullable(),
});
const callsOf = ({ id }: Turn) =>
  bench().rows(
    Call,
    "select attempt, ordinal, status, http_status from llm_call_events where turn_id = $1 order by attempt, ordinal",
    [id],
  );

describe("a model that limits its rate", () => {
  it("case 18: is asked again when it said, and no fault is counted", async () => {
    setFaults({ rate_limited: { ...once, retry_after_seconds: 7 } });
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: "7" });
    expect(await read(room, turn)).toMatchObject({ status: "running", steps: [{ status: "ready", attempts: 0 }] });
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 409, retryAfter: expect.stringMatching(/^[67]$/) });
    expect(chatRequests(bench())).toHaveLength(1);
    await bench().pass(7);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
    expect(await callsOf(turn)).toEqual([
      { attempt: 1, ordinal: 0, status: "failed", http_status: 429 },
      { attempt: 2, ordinal: 0, status: "ok", http_status: 200 },
    ]);
  });

  it("case 18: is not waited for without end", async () => {
    setFaults({ rate_limited: { retry_after_seconds: 100_000, system_contains: "You are ada." } });
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    for (let wait = 1; wait <= 3; wait += 1) {
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: "300" });
      await bench().pass(300);
    }
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    await bench().deliver(turn, 1);
    expect(await read(room, turn)).toMatchObject({
      status: "partial",
      steps: [{ status: "failed", error: { type: "rate_limited" } }, { status: "done" }],
    });
  });

  it("case 18: is asked again by the sweep when the queue forgets", async () => {
    setFaults({ rate_limited: { ...once, retry_after_seconds: 7 } });
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    await bench().releaseQueue();
    await bench().pass(7 + 30 + 15);
    await bench().sweep();
    expect(await room.finish(turn)).toMatchObject({ status: "completed" });
  });
});

describe("a model that breaks", () => {
  it.each<[string, FaultSwitchesInput]>([
    ["a 502", { server_error: { ...once, status: 502 } }],
    ["a 503", { server_error: { ...once, status: 503 } }],
    ["a reset", { reset_before_headers: once }],
    ["a cut stream", { cut_stream: { ...once, after_chunks: 2, by: "reset" } }],
    ["a stream that ends early", { cut_stream: { ...once, after_chunks: 2, by: "end" } }],
    ["an error in the stream", { error_mid_stream: { ...once, after_chunks: 2 } }],
  ])("case 19: is asked again after %s, and nothing partial is kept", async (_what, faults) => {
    const text = "A whole reply of some words, from its first to its last.";
    bench().cloud.standIns.openRouter.setScript([{ text, times: "always" }]);
    setFaults(faults);
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: "2" });
    expect(await read(room, turn)).toMatchObject({ steps: [{ status: "ready", output: null, attempts: 1 }] });
    await bench().pass(2);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(room, turn)).toMatchObject({ status: "completed", steps: [{ output: text, attempts: 2 }] });
    expect((await callsOf(turn)).map(({ status }) => status)).toEqual(["failed", "ok"]);
  });

  it("case 19: is waited for longer each time, then the agent is failed and the turn goes on", async () => {
    setFaults({ server_error: { system_contains: "You are ada." } });
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.send("Go");
    for (const seconds of ["2", "4", "8", "16"]) {
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503, retryAfter: seconds });
      await bench().pass(Number(seconds));
    }
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    await bench().deliver(turn, 1);
    expect(await read(room, turn)).toMatchObject({
      status: "partial",
      steps: [{ status: "failed", attempts: 5, error: { type: "provider_unavailable" } }, { status: "done" }],
    });
    expect(await callsOf(turn)).toHaveLength(6);
  });
});

describe("a model that talks nonsense", () => {
  it.each<[string, FaultSwitchesInput, string]>([
    ["an empty reply", { empty_reply: once }, "empty_reply"],
    ["no JSON", { not_json: once }, "invalid_reply"],
    ["broken JSON", { truncated_json: { ...once, after_chunks: 0 } }, "invalid_reply"],
  ])("case 20: is told so once after %s, in the same step", async (_what, faults) => {
    setFaults(faults);
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    const delivered = await bench().deliver(turn, 0);
    if (delivered.status === 503) {
      await bench().pass(2);
      expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    }
    expect(await read(room, turn)).toMatchObject({ status: "completed" });
    expect(await callsOf(turn)).toHaveLength(2);
  });

  it.each<[string, FaultSwitchesInput, string]>([
    ["empty", { empty_reply: {} }, "empty_reply"],
    ["unreadable", { not_json: {} }, "invalid_reply"],
  ])("case 20: and fails when its second reply is %s too", async (_what, faults, type) => {
    setFaults(faults);
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(room, turn)).toMatchObject({
      status: "failed",
      steps: [{ status: "failed", attempts: 1, error: { type } }],
    });
    expect((await callsOf(turn)).map(({ attempt, ordinal }) => [attempt, ordinal])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it("case 20: is cut off at the output's limit, and its reply kept", async () => {
    setFaults({ long_reply: { words: 5000 } });
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over.status).toBe("completed");
    expect(over.usage.output_tokens).toBeLessThanOrEqual(2048);
    expect(chatRequests(bench())[0]?.finish_reason).toBe("length");
  });

  it.each<[string, FaultSwitchesInput, string]>([
    ["400", { bad_request: {} }, "refused"],
    ["401", { unauthorized: {} }, "refused"],
    ["402", { payment_required: {} }, "refused"],
    ["moderation", { moderated: {} }, "refused"],
    ["a content filter", { content_filter: {} }, "content_filter"],
  ])("case 21: is not asked again after %s", async (_what, faults, type) => {
    setFaults(faults);
    const room = await bench().furnish(["ada"]);
    const turn = await room.send("Go");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over).toMatchObject({ status: "failed", steps: [{ status: "failed", attempts: 1, error: { type } }] });
    expect(over.steps[0]?.error?.message).not.toContain("sk-or-");
    expect(chatRequests(bench())).toHaveLength(1);
  });
});
