import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Quote } from "../../src/contract/quotes.ts";
import { Turn } from "../../src/contract/turns.ts";
import { parseCredits } from "../../src/domain/money/credits.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import type { Furnished } from "../support/engine.ts";
import { bodyOf, stepOf } from "./engine-bench.ts";
import { chatRequests, promptOf, statusesOf, useBench } from "./engine-kit.ts";
import {
  booked,
  deliverAll,
  plantTurns,
  readTurn,
  register,
  summaries,
  summarize,
  summaryReply,
  summaryRequests,
  summaryTurns,
  wordsOf,
} from "./memory-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(() => priceModel(bench(), "small-window", 8192));
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

/** A session of more than fits a window of 8192 tokens, and nobody has summed it up. */
async function longSession(agents: readonly string[] = ["ada"]): Promise<Furnished> {
  const room = await bench().furnish(agents);
  for (const agent of agents) await useModel(bench(), room, agent, "small-window");
  const words = wordsOf(500);
  const turns = Array.from({ length: 8 }, (_, place) => [`Question ${place + 1}? ${words}`, words]);
  await plantTurns(bench(), room, turns);
  return room;
}

describe("a turn whose history would be cut before anyone has summed it up", () => {
  it("begins with a summary, for which its agents wait, and reads that in the place of what it covers", async () => {
    const room = await longSession();
    bench().sqlTrips();
    const turn = await room.send("Question 9?");
    expect(bench().sqlTrips()).toBe(2);
    expect(turn.steps).toMatchObject([
      { index: -1, purpose: "summarize", agent_key: managerKey, status: "ready" },
      { index: 0, purpose: "agent", agent_key: "ada", status: "waiting" },
    ]);
    expect(await bench().deliver(turn, 1)).toMatchObject({ status: 409, retryAfter: "5" });
    expect(chatRequests(bench())).toHaveLength(0);
    bench().cloud.standIns.openRouter.setScript([summaryReply("They asked this and that.")]);
    await deliverAll(bench(), room, turn);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4, made_at: 8, cursor: null }]);
    await bench().deliver(turn, 1);
    expect(await readTurn(bench(), room, turn.id)).toMatchObject({
      status: "completed",
      steps: [{ status: "done" }, { status: "done" }],
    });
    const prompt = promptOf(chatRequests(bench()).at(-1));
    expect([1, 4, 5, 8, 9].map((index) => prompt.includes(`Question ${index}?`))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(prompt).toContain("They asked this and that.");
  });

  it.each([
    ["manual", "@ada @bob @cyd Go", [-1, 0, 1, 2]],
    ["roundtable", "Go", [-1, 0, 1, 2]],
    ["orchestrator", "Go", [-1, 0]],
  ])("of the mode %s has none of its steps run before the summary is there", async (mode, message, indexes) => {
    const room = await longSession(["ada", "bob", "cyd"]);
    const turn = await room.send(message, { mode });
    expect(turn.steps.map(({ index }) => index)).toEqual(indexes);
    expect(statusesOf(turn)).toEqual(["ready", ...indexes.slice(1).map(() => "waiting")]);
    expect(
      bench()
        .accepted()
        .filter((sent) => sent.turn === turn.id),
    ).toHaveLength(1);
    await deliverAll(bench(), room, turn);
    const after = statusesOf(await readTurn(bench(), room, turn.id));
    expect(after.slice(0, 2)).toEqual(["done", "ready"]);
    expect(new Set(after.slice(1))).toEqual(new Set(mode === "roundtable" ? ["ready", "waiting"] : ["ready"]));
  });

  it("is held for and quoted with it, and pays no more than that", async () => {
    const room = await longSession();
    const asked = { token: room.user.token, body: { message: "Question 9?" } };
    const quote = (await bench().request("post", `/sessions/${room.session.id}/turns/quote`, asked)).json(Quote);
    expect(quote.agents.map(({ agent_key }) => agent_key).toSorted()).toEqual([managerKey, "ada"]);
    const turn = await room.send("Question 9?");
    const units = await bench().count("select sum(units) from holds where turn_id = $1", [turn.id]);
    expect(BigInt(units)).toBe(parseCredits(quote.total.high?.credits ?? ""));
    const ofSummary = await bench().count("select units from holds where step_id = $1", [stepOf(turn, 0).id]);
    await deliverAll(bench(), room, turn);
    await bench().deliver(turn, 1);
    const rows = await booked(bench(), turn);
    const paid = rows.filter(({ purpose }) => purpose === "summarize").reduce((sum, { charged }) => sum + charged, 0n);
    expect(rows.map(({ purpose }) => purpose).toSorted()).toEqual(["agent", "summarize"]);
    expect([paid > 0n, paid <= BigInt(ofSummary)]).toEqual([true, true]);
  });

  it("goes on by a rule's summary where the provider is down for good", async () => {
    const room = await longSession();
    bench().cloud.standIns.openRouter.setFaults({ server_error: { system_contains: "You keep the minutes" } });
    const turn = await room.send("Question 9?");
    expect(await deliverAll(bench(), room, turn)).toBe(5);
    await bench().deliver(turn, 1);
    expect(await readTurn(bench(), room, turn.id)).toMatchObject({
      status: "completed",
      steps: [{ status: "done", flags: ["fallback"], attempts: 5 }, { status: "done" }],
    });
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, through: 4, is_fallback: true }]);
    const rows = (await booked(bench(), turn)).filter(({ purpose }) => purpose === "summarize");
    expect(rows.map(({ status, charged }) => [status, charged])).toEqual(
      Array.from({ length: 5 }, () => ["failed", 0n]),
    );
  });

  it("goes on by a rule's summary where every holder of the step was lost", async () => {
    const room = await longSession();
    const turn = await room.send("Question 9?");
    const lost =
      "update turn_steps set status = 'running', attempts = 5, token = 5, lease_until = pantheon_now() where id = $1";
    await bench().write(lost, [stepOf(turn, 0).id]);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(summaryRequests(bench())).toHaveLength(0);
    expect(await summaries(bench(), room)).toMatchObject([{ version: 1, is_fallback: true }]);
    await bench().deliver(turn, 1);
    expect(await readTurn(bench(), room, turn.id)).toMatchObject({ status: "completed" });
  });

  it("finds it made by another meanwhile: nothing is summed up twice, and the loser's call is nobody's to pay", async () => {
    const room = await longSession();
    const turn = await room.send("Question 9?");
    const other = (await summarize(bench(), room)).json(Turn);
    const { openRouter } = bench().cloud.standIns;
    openRouter.setScript([summaryReply("They spoke.", { decisions: [{ text: "Ada signs.", sources: ["m1"] }] })]);
    openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
    const first = bench().deliver(turn, 0);
    await expect.poll(() => summaryRequests(bench())).toHaveLength(1);
    await deliverAll(bench(), room, other);
    openRouter.release();
    expect(await first).toMatchObject({ status: 200 });
    await deliverAll(bench(), room, turn);
    const made = await summaries(bench(), room);
    expect(made).toMatchObject([{ cursor: { offset: 0 } }, { through: 8, cursor: null }]);
    expect(await register(bench(), room, "&kind=decision")).toHaveLength(1);
    const paid = (await booked(bench(), turn)).map(({ purpose, charged }) => [purpose, charged]);
    expect(paid).toEqual([["summarize", 0n]]);
    await bench().deliver(turn, 1);
    expect(await readTurn(bench(), room, turn.id)).toMatchObject({ status: "completed" });
  });

  it("that is redelivered, at once or late, sums up once", async () => {
    const room = await longSession();
    const turn = await room.send("Question 9?");
    await Promise.all([bench().deliverBody(bodyOf(turn, 0)), bench().deliverBody(bodyOf(turn, 0))]);
    await bench().deliver(turn, 0);
    expect(await summaries(bench(), room)).toHaveLength(1);
    expect(summaryRequests(bench())).toHaveLength(1);
    expect(await summaryTurns(bench(), room)).toHaveLength(0);
  });
});
