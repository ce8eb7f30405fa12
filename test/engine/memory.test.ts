import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf } from "../../src/contract/lists.ts";
import { SessionSummary } from "../../src/contract/memory.ts";
import { Turn, TurnSummary } from "../../src/contract/turns.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";
import {
  booked,
  deliverAll,
  onlySummaryTurn,
  plantTurns,
  readTurn,
  sevenTurns,
  summaries,
  summarize,
  summaryReply,
  summaryRequests,
  summaryTurns,
  talkUntilDue,
  wordsOf,
} from "./memory-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(() => priceModel(bench(), "small-window", 8192));
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const settled = () => bench().cloud.standIns.qstash.core.settled();

describe("a summary beside the conversation", () => {
  it("is made after eight turns, and prompts then begin with it", async () => {
    await bench().releaseQueue();
    bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
    const room = await bench().furnish(["ada"]);
    for (let turn = 1; turn <= 8; turn += 1) await room.finish(await room.send(`This is turn ${turn}.`));
    await settled();
    expect(await summaryTurns(bench(), room)).toMatchObject([{ status: "completed", turn_index: -1 }]);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4, made_at: 8, is_fallback: false }]);
    bench().resetModel();
    await room.finish(await room.send("This is turn 9."));
    const prompt = promptOf(chatRequests(bench())[0]);
    expect(prompt).toContain("<summary>");
    expect([1, 4, 5, 8].map((turn) => prompt.includes(`This is turn ${turn}.`))).toEqual([false, false, true, true]);
  });

  it("is made eight turns after the one before, and not sooner", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    await deliverAll(bench(), room, await onlySummaryTurn(bench(), room));
    for (let index = 9; index <= 15; index += 1) await bench().deliver(await room.send(`Question ${index}?`), 0);
    expect(await summaryTurns(bench(), room)).toHaveLength(1);
    await bench().deliver(await room.send("Question 16?"), 0);
    expect(await summaryTurns(bench(), room)).toMatchObject([{ turn_index: -1 }, { turn_index: -2 }]);
  });

  // 8192 leaves 5530 tokens of input, seven tenths of which are 3871; the rules of the room are some 300.
  it.each([
    [300, 0],
    [410, 1],
  ])(
    "is made sooner where a prompt comes to seven tenths of what fits: %i tokens in each of ten messages",
    async (tokens, made) => {
      const room = await bench().furnish(["ada"]);
      await useModel(bench(), room, "ada", "small-window");
      const text = wordsOf(tokens);
      await plantTurns(
        bench(),
        room,
        Array.from({ length: 5 }, () => [text, text]),
      );
      const turn = await room.send("Go");
      expect(turn.steps.map(({ purpose }) => purpose)).toEqual(["agent"]);
      await bench().deliver(turn, 0);
      expect(await summaryTurns(bench(), room)).toHaveLength(made);
    },
  );

  it("is not waited for: the next turn is made and ends before it, and reads the history as it was", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    const summary = await onlySummaryTurn(bench(), room);
    bench().resetModel();
    const ninth = await room.send("Question 9?");
    await bench().deliver(ninth, 0);
    expect(await readTurn(bench(), room, ninth.id)).toMatchObject({
      status: "completed",
      steps: [{ purpose: "agent" }],
    });
    expect(await readTurn(bench(), room, summary.id)).toMatchObject({ status: "queued" });
    const before = promptOf(chatRequests(bench())[0]);
    expect([1, 4, 8].map((turn) => before.includes(`Question ${turn}?`))).toEqual([true, true, true]);
    expect(before).not.toContain("<summary>");
    bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
    await deliverAll(bench(), room, summary);
    await bench().deliver(await room.send("Question 10?"), 0);
    const after = promptOf(chatRequests(bench()).at(-1));
    expect([1, 4, 5, 9].map((turn) => after.includes(`Question ${turn}?`))).toEqual([false, false, true, true]);
    expect(after).toContain("<summary>");
  });

  it("covers what it was planned for, however many turns end before its message comes", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    for (const index of [9, 10, 11]) await bench().deliver(await room.send(`Question ${index}?`), 0);
    await deliverAll(bench(), room, await onlySummaryTurn(bench(), room));
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4, made_at: 8 }]);
    expect(promptOf(summaryRequests(bench())[0])).not.toContain("Question 5?");
  });

  it("of unchanged history is none: whoever asks again gets the one in force, and no model is called", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, sevenTurns);
    const turn = (await summarize(bench(), room)).json(Turn);
    await deliverAll(bench(), room, turn);
    const inForce = await summaries(bench(), room);
    const calls = chatRequests(bench()).length;
    const again = await summarize(bench(), room);
    expect([again.status, again.json(SessionSummary).version]).toEqual([200, 1]);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await summaries(bench(), room)).toEqual(inForce);
    expect([await summaryTurns(bench(), room), chatRequests(bench())]).toMatchObject([
      { length: 1 },
      { length: calls },
    ]);
  });

  it("is the room's manager's to make, and in the ledger with its purpose", async () => {
    const room = await bench().furnish(["ada"], { manager_model_alias: "claude-haiku" });
    await talkUntilDue(bench(), room);
    const turn = await onlySummaryTurn(bench(), room);
    await deliverAll(bench(), room, turn);
    expect(summaryRequests(bench()).map(({ model }) => model)).toEqual(["anthropic/claude-haiku-4.5"]);
    const [row, ...others] = await booked(bench(), turn);
    expect(row).toMatchObject({
      purpose: "summarize",
      agent_key: "@manager",
      model_alias: "claude-haiku",
      status: "ok",
    });
    expect([others, row?.charged]).toEqual([[], row?.metered]);
    expect(row?.charged).toBeGreaterThan(0n);
  });

  it("is no turn of the conversation", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    await deliverAll(bench(), room, await onlySummaryTurn(bench(), room));
    const list = await bench().request("get", `/sessions/${room.session.id}/turns`, { token: room.user.token });
    expect(list.json(listOf(TurnSummary)).data.map(({ turn_index }) => turn_index)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    const Messages = listOf(z.looseObject({ author: z.string() }));
    const said = await bench().request("get", `/sessions/${room.session.id}/messages`, { token: room.user.token });
    expect(said.json(Messages).data).toHaveLength(16);
  });

  it("counts in the budgets of its session, its room and its user, like any turn", async () => {
    const room = await bench().furnish(["ada"]);
    await talkUntilDue(bench(), room);
    const spent = async () =>
      bench().rows(
        z.object({ scope: z.string(), spent: z.string().transform(BigInt), held: z.number() }),
        `select scope, spent_units::text as spent, held_units as held from budget_counters
         where owner_id = $1 and scope <> 'turn' order by scope`,
        [room.user.id],
      );
    const before = await spent();
    expect(before.every(({ held }) => held > 0)).toBe(true);
    const turn = await onlySummaryTurn(bench(), room);
    await deliverAll(bench(), room, turn);
    const [row] = await booked(bench(), turn);
    const counted = (await spent()).map(({ scope, spent: units, held }, place) => [
      scope,
      units - (before[place]?.spent ?? 0n),
      held,
    ]);
    expect(counted).toEqual(["day", "month", "room", "session"].map((scope) => [scope, row?.charged, 0]));
  });
});

describe("the cost of a summary", () => {
  it("is one message at the end of the turn before, two round trips for each call, and none for who begins a turn", async () => {
    const room = await bench().furnish(["ada"]);
    await plantTurns(bench(), room, sevenTurns);
    bench().sqlTrips();
    const turn = await room.send("Question 8?");
    const accepted = bench().accepted().length;
    expect([bench().sqlTrips(), (await bench().deliver(turn, 0)).status, bench().sqlTrips()]).toEqual([2, 200, 2]);
    expect(bench().accepted()).toHaveLength(accepted + 1);
    const summary = await onlySummaryTurn(bench(), room);
    expect(bench().accepted().at(-1)).toMatchObject({ turn: summary.id });
    expect(bench().accepted().at(-1)?.bytes).toBeLessThanOrEqual(200);
    bench().sqlTrips();
    await bench().deliver(summary, 0);
    expect([bench().sqlTrips(), bench().accepted().length]).toEqual([2, accepted + 1]);
    bench().sqlTrips();
    await room.send("Question 9?");
    expect(bench().sqlTrips()).toBe(2);
  });

  it("is one message and two round trips for each further call", async () => {
    const room = await bench().furnish(["ada"]);
    await useModel(bench(), room, "ada", "small-window");
    await plantTurns(bench(), room, [["word ".repeat(10_000), "Yes."]]);
    bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
    const summary = (await summarize(bench(), room)).json(Turn);
    const accepted = bench().accepted().length;
    for (const messages of [1, 2, 2]) {
      bench().sqlTrips();
      await bench().deliver(summary, 0);
      expect([bench().sqlTrips(), bench().accepted().length]).toEqual([2, accepted + messages]);
    }
    expect(summaryRequests(bench())).toHaveLength(3);
    expect(
      bench()
        .accepted()
        .slice(-3)
        .every(({ bytes }) => bytes <= 200),
    ).toBe(true);
  });
});
