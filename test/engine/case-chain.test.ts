import { beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "../support/eventually.ts";
import { stepOf } from "./engine-bench.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";

let skippedMs = 0;
const clock = { now: () => new Date(Date.now() + skippedMs) };
const bench = useBench({ ports: { clock } });

beforeEach(async () => {
  skippedMs = 0;
  bench().resetModel();
  await bench().holdQueue();
});

it("case 41: a step that nears its time limit checkpoints, and another message goes on from there", async () => {
  const room = await bench().furnish(["ada"]);
  const turn = await room.send("Go");
  const { openRouter } = bench().cloud.standIns;
  openRouter.setFaults({ hang_mid_stream: { fail_next: 1, after_chunks: 0 }, empty_reply: { fail_next: 1 } });
  const delivered = bench().deliver(turn, 0);
  await eventually(() => expect(chatRequests(bench())).toHaveLength(1));
  skippedMs = 90_000;
  openRouter.release();
  expect(await delivered).toMatchObject({ status: 200 });
  expect(chatRequests(bench())).toHaveLength(1);
  const [step] = await bench().rows(
    z.object({ status: z.string(), checkpoint: z.string().nullable(), attempts: z.number() }),
    "select status, checkpoint, attempts from turn_steps where turn_id = $1",
    [turn.id],
  );
  expect(step).toMatchObject({ status: "ready", checkpoint: expect.stringContaining('{"v":1,'), attempts: 0 });
  const messages = bench()
    .accepted()
    .filter((message) => message.turn === turn.id);
  expect(messages.map(({ step }) => step)).toEqual([stepOf(turn, 0).id, stepOf(turn, 0).id]);
  expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
  expect(await room.finish(turn)).toMatchObject({ status: "completed", steps: [{ attempts: 1 }] });
  expect(promptOf(chatRequests(bench())[1])).toContain("Your last reply was empty.");
  const calls = await bench().rows(
    z.object({ attempt: z.number(), ordinal: z.number() }),
    "select attempt, ordinal from llm_call_events where turn_id = $1 order by attempt",
    [turn.id],
  );
  expect(calls).toEqual([
    { attempt: 1, ordinal: 0 },
    { attempt: 2, ordinal: 0 },
  ]);
  // The second message goes on with the prompt of the first: nothing else went in.
  const audits = "select attempt from turn_context_audit where turn_id = $1";
  expect(await bench().rows(z.object({ attempt: z.number() }), audits, [turn.id])).toEqual([{ attempt: 1 }]);
});

it("case 35: a checkpoint of a version to come is refused in words, and its message kept", async () => {
  const room = await bench().furnish(["ada"]);
  const turn = await room.send("Go");
  await bench().write("update turn_steps set checkpoint = $2 where turn_id = $1", [turn.id, '{"v":99}']);
  expect(await bench().deliver(turn, 0)).toMatchObject({ status: 500 });
  const broke = bench().logged.findLast(({ event }) => event === "queue_door_broke");
  expect(broke?.fields.error).toContain("of version 99; known: 1");
  expect(chatRequests(bench())).toHaveLength(0);
});
