import { beforeEach, expect, it } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";
import {
  deliverAll,
  onlySummaryTurn,
  plantTurns,
  readTurn,
  sevenTurns,
  summaries,
  summaryReply,
  wordsOf,
} from "./memory-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

/** Turn 8 is interrupted by turn 14, and what was sent between them still waits. */
async function overtakeFive(room: Furnished, last: string): Promise<{ readonly ninth: Turn; readonly last: Turn }> {
  await room.send("Question 8?");
  const ninth = await room.send("Question 9?", { on_busy: "enqueue" });
  for (const index of [10, 11, 12, 13]) await room.send(`Question ${index}?`, { on_busy: "enqueue" });
  return { ninth, last: await room.send(last, { on_busy: "interrupt" }) };
}

it("is of turns that are over: what a turn has yet to say, that another went ahead of, is not taken for summed up", async () => {
  const room = await bench().furnish(["ada"]);
  await plantTurns(bench(), room, sevenTurns);
  const turns = await overtakeFive(room, "Question 14?");
  await bench().deliver(turns.last, 0);
  bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
  await deliverAll(bench(), room, await onlySummaryTurn(bench(), room));
  expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 8, cursor: null }]);
  bench().resetModel();
  await bench().deliver(turns.ninth, 0);
  expect(await readTurn(bench(), room, turns.ninth.id)).toMatchObject({ status: "completed" });
  expect(promptOf(chatRequests(bench())[0])).toContain("Question 9?");
});

it("that a turn begins with stops before a turn that it went ahead of", async () => {
  await priceModel(bench(), "small-window", 8192);
  const room = await bench().furnish(["ada"]);
  await useModel(bench(), room, "ada", "small-window");
  await plantTurns(
    bench(),
    room,
    sevenTurns.map(([question = ""]) => [question, wordsOf(500)]),
  );
  const turns = await overtakeFive(room, wordsOf(3000));
  expect(turns.last.steps.map(({ purpose }) => purpose)).toEqual(["summarize", "agent"]);
  bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
  await deliverAll(bench(), room, turns.last);
  expect((await summaries(bench(), room)).map(({ through }) => through)).toEqual([8]);
});
