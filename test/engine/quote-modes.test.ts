import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Quote } from "../../src/contract/quotes.ts";
import { Turn } from "../../src/contract/turns.ts";
import { parseCredits } from "../../src/domain/money/credits.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import { useBench } from "./engine-kit.ts";
import { asks, goOn, managerSays, routing } from "./modes-kit.ts";
import { useModel } from "./seed-turns.ts";

const bench = useBench();
const keys = ["ada", "bob", "cyd", "dan", "eve", "fay"];

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

/** What the database holds for a turn, closed holds too. */
async function heldFor({ id }: Turn): Promise<bigint> {
  const sql = "select coalesce(sum(units), 0)::text as units from holds where turn_id = $1";
  return BigInt((await bench().rows(z.object({ units: z.string() }), sql, [id]))[0]?.units ?? "");
}

const unitsOf = (amount: { readonly credits: string } | null) => parseCredits(amount?.credits ?? "");
const part = (from: number, what: string) =>
  keys.slice(from, from + 3).map((key) => [key, `${what} ${"at length ".repeat(300)}`] as const);

/** The longest way that a manager can take. */
const insatiable = [
  managerSays("route", { json: routing(part(0, "Begin."), "sequence") }),
  managerSays("evaluate", { json: goOn(part(3, "Doubt.")), contains: "Round 1 of" }),
  managerSays("evaluate", { json: goOn(part(0, "Once more.")), contains: "Round 2 of" }),
];
const schema = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};

describe("the quote of every mode", () => {
  it.each([
    ["manual", { rounds: 2 }, 12],
    ["roundtable", { rounds: 2 }, 12],
    ["orchestrator", { rounds: 3 }, 1 + 9 + 2 + 1],
    ["orchestrator", { rounds: 1 }, 1 + 3 + 1],
    ["council", {}, 13],
    ["debate", { rounds: 2 }, 18],
    ["roundtable", { response_schema: schema }, 6],
    ["council", { response_schema: schema }, 13],
    ["debate", { response_schema: schema }, 19],
  ])("starts as what creating it holds, and its high bounds all that follows: %s %j", async (mode, rest, steps) => {
    const room = await bench().furnish(keys, { manager_model_alias: "claude-sonnet" });
    await useModel(bench(), room, "bob", "gpt-4o");
    const { token } = room.user;
    const body = { message: keys.map((key) => `@${key}`).join(" "), mode, ...rest };
    const path = `/sessions/${room.session.id}/turns`;
    const quote = (await bench().request("post", `${path}/quote`, { token, body })).json(Quote);
    bench().cloud.standIns.openRouter.setScript(insatiable);
    const created = (await bench().request("post", path, { token, body })).json(Turn);
    expect([quote.start?.credits, unitsOf(quote.start)]).toEqual([created.cost.held, await heldFor(created)]);
    expect(quote.rounds).toBe(created.rounds);
    await bench().releaseQueue();
    await bench().pass(60);
    await bench().sweep();
    const turn = await room.finish(created);
    expect([turn.status, turn.steps.length]).toEqual(["completed", steps]);
    const high = unitsOf(quote.total.high);
    expect(await heldFor(turn)).toBeLessThanOrEqual(high);
    expect(parseCredits(turn.cost.credits)).toBeLessThanOrEqual(high);
    expect(parseCredits(turn.cost.credits)).toBeGreaterThan(0n);
    expect(unitsOf(quote.total.low)).toBeLessThanOrEqual(unitsOf(quote.total.expected));
    expect(unitsOf(quote.total.expected)).toBeLessThanOrEqual(high);
    const asked = new Set(turn.steps.map(({ agent_key }) => agent_key));
    expect(quote.agents.some(({ agent_key }) => agent_key === managerKey)).toBe(asked.has(managerKey));
    for (const { agent_key, calls } of quote.agents)
      expect(turn.steps.filter((step) => step.agent_key === agent_key).length).toBeLessThanOrEqual(calls);
  });

  it.each(["manual", "roundtable", "orchestrator", "council", "debate"])(
    "counts all calls there are where every agent calls for the others: %s",
    async (mode) => {
      await bench().releaseQueue();
      const calling = {
        text: "@ada @bob @cyd: one more round, all of you!",
        contains: asks.agent,
        times: "always" as const,
      };
      bench().cloud.standIns.openRouter.setScript([...insatiable, calling]);
      const room = await bench().furnish(keys.slice(0, 3));
      const body = { message: "@ada @bob @cyd?", mode };
      const path = `/sessions/${room.session.id}/turns/quote`;
      const quote = (await bench().request("post", path, { token: room.user.token, body })).json(Quote);
      const turn = await room.finish(await room.send(body.message, { mode }));
      expect(turn.status).toBe("completed");
      for (const { agent_key, calls } of quote.agents)
        expect(turn.steps.filter((step) => step.agent_key === agent_key).length).toBeLessThanOrEqual(calls);
    },
  );
});
