import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import type { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { hangInCall, useBench } from "./engine-kit.ts";
import {
  deliverAll,
  onlySummaryTurn,
  plantTurns,
  sevenTurns,
  summaries,
  summaryReply,
  summaryTurns,
  talkUntilDue,
  wordsOf,
} from "./memory-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(() => priceModel(bench(), "narrow-window", 8192));
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

async function isWantedBy({ user }: Furnished, { id }: Turn): Promise<readonly boolean[]> {
  const answer = await bench().request("get", `/turns/${id}/context`, { token: user.token });
  return answer.json(z.object({ data: z.array(ContextAudit) })).data.map(({ is_summary_wanted }) => is_summary_wanted);
}

describe("what the audit says of a summary", () => {
  it("is what happens at the end of the turn, at the eighth and not before", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, sevenTurns.slice(1));
    const seventh = await room.send("Question 7?");
    await bench().deliver(seventh, 0);
    expect(await isWantedBy(room, seventh)).toEqual([false]);
    expect(await summaryTurns(bench(), room)).toEqual([]);
    const eighth = await room.send("Question 8?");
    await bench().deliver(eighth, 0);
    expect(await isWantedBy(room, eighth)).toEqual([true]);
    expect(await summaryTurns(bench(), room)).toHaveLength(1);
  });

  it("goes by the narrowest model of the turn, whoever speaks", async () => {
    const room = await bench().furnish(["bob", "ada"]);
    await useModel(bench(), room, "bob", "narrow-window");
    const text = wordsOf(410);
    await plantTurns(
      bench(),
      room,
      Array.from({ length: 5 }, () => [text, text]),
    );
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    await bench().deliver(turn, 1);
    expect((await isWantedBy(room, turn)).at(-1)).toBe(true);
    expect(await summaryTurns(bench(), room)).toHaveLength(1);
  });
});

describe("a summary that was written while a turn spoke", () => {
  it("is not followed by another of the same history", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    const goOn = await hangInCall(bench(), await room.send("Question 9?"));
    bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
    await deliverAll(bench(), room, await onlySummaryTurn(bench(), room));
    await goOn();
    expect(await summaryTurns(bench(), room)).toHaveLength(1);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4 }]);
  });

  it("leaves the next one to a turn that has read it", async () => {
    const room = await bench().furnish(["ada"]);
    bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
    await talkUntilDue(bench(), room);
    for (let index = 9; index <= 15; index += 1) {
      const goOn = await hangInCall(bench(), await room.send(`Question ${index}?`));
      for (const turn of await summaryTurns(bench(), room)) await deliverAll(bench(), room, turn);
      await goOn();
    }
    expect((await summaries(bench(), room)).map(({ through }) => through)).toEqual([4]);
    await bench().deliver(await room.send("Question 16?"), 0);
    expect(await summaryTurns(bench(), room)).toHaveLength(2);
  });
});
