import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf } from "../../src/contract/lists.ts";
import type { LiveSignal } from "../../src/contract/turn-events.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { UsageRow } from "../../src/contract/usage.ts";
import { parseCredits } from "../../src/domain/money/credits.ts";
import type { Live } from "../../src/ports/live.ts";
import type { Furnished } from "../support/engine.ts";
import { driveToEnd } from "./booked-calls.ts";
import { useBench } from "./engine-kit.ts";
import { agentSays, managerSays } from "./modes-kit.ts";
import { formPlays, type ReplyPlay, streamedPlays } from "./reply-plays.ts";
import { expectExactWallet } from "./tools-kit.ts";

const signals: LiveSignal[] = [];
/** All that an event stream sends of a reply while it is made. */
const live: Live = {
  tell: async (_turn, signal) => signals.push(signal),
  listen: () => ({ isOpen: () => false, next: async () => null, close: () => undefined }),
};
const bench = useBench({ ports: { live } });

beforeEach(async () => {
  signals.length = 0;
  bench().resetModel();
  await bench().holdQueue();
});

const units = z.coerce.bigint();
const Paid = z.object({
  step_id: z.string(),
  purpose: z.string(),
  agent_key: z.string(),
  attempt: z.number(),
  ordinal: z.number(),
  metered: units,
  charged: units,
  held: units,
});
type Paid = z.infer<typeof Paid>;

const paidCalls = ({ id }: Turn) =>
  bench().rows(
    Paid,
    `select e.step_id, e.purpose, e.agent_key, e.attempt, e.ordinal, e.credit_units::text as metered, e.charged_units::text as charged, h.units::text as held
     from llm_call_events e join holds h on h.step_id = e.step_id where e.turn_id = $1 order by e.agent_key, e.step_id, e.attempt, e.ordinal`,
    [id],
  );

const balanceOf = async ({ user }: Furnished, kind: "waste" | "variance") =>
  BigInt(await bench().count("select balance_units from accounts where owner_id = $1 and kind = $2", [user.id, kind]));

/** The words that came out of a call. */
function wordsOf({ id }: Turn, { agent_key, attempt, ordinal }: Paid): string {
  const deltas = signals.flatMap((signal) => (signal.kind === "delta" ? [signal.delta] : []));
  const own = deltas.filter(({ turn_id, data }) => turn_id === id && data.agent_key === agent_key);
  return own
    .filter(({ data }) => data.attempt === `${attempt}.${ordinal}`)
    .map(({ data }) => data.text)
    .join("");
}

/** Ada answers as played; in plain words bob, whose voice she may take, speaks after her. */
async function play({ script = [], faults = {}, schema }: ReplyPlay) {
  const room = await bench().furnish(["ada", "bob"]);
  const { openRouter } = bench().cloud.standIns;
  openRouter.setScript([...script]);
  openRouter.setFaults(faults);
  const turn =
    schema === undefined
      ? await room.send("What first?", { mode: "roundtable" })
      : await room.send("@ada what first?", { mode: "manual", response_schema: schema });
  return { room, over: await driveToEnd(bench(), room, turn) };
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

/** What the users' calls of one step come to, in order, as far as its hold goes. */
function dueOf(calls: readonly Paid[], payers: ReplyPlay["payers"]): readonly bigint[] {
  let rest = calls[0]?.held ?? 0n;
  return calls.map(({ metered }, place) => {
    const due = payers[place] === "platform" ? 0n : metered < rest ? metered : rest;
    rest -= due;
    return due;
  });
}

describe.each([
  ["in plain words", streamedPlays],
  ["in a form", formPlays],
])("a step that is answered %s", (_how, plays) => {
  it.each(plays)("with $name is paid by whom it should be, call by call, up to its hold", async (played) => {
    const { room, over } = await play(played);
    const all = await paidCalls(over);
    const calls = all.filter(({ agent_key }) => agent_key === "ada");
    expect(calls.map(({ charged }) => (charged > 0n ? "user" : "platform"))).toEqual(played.payers);
    expect(calls.map(({ charged }) => charged)).toEqual(dueOf(calls, played.payers));
    expect(calls.map((call) => wordsOf(over, call) !== "")[0]).toBe(played.isShown);
    expect(all.filter((call) => wordsOf(over, call) !== "" && call.charged === 0n)).toEqual([]);

    const charged = sum(all.map((call) => call.charged));
    const wasted = calls.filter((_call, place) => played.payers[place] === "platform").map(({ metered }) => metered);
    expect(-(await balanceOf(room, "waste"))).toBe(sum(wasted));
    expect(-(await balanceOf(room, "variance"))).toBe(sum(all.map(({ metered }) => metered)) - charged - sum(wasted));
    expect(parseCredits(over.cost.credits)).toBe(charged);
    const usage = await bench().request("get", "/usage?group_by=purpose", { token: room.user.token });
    expect(sum(usage.json(listOf(UsageRow)).data.map(({ credits }) => parseCredits(credits)))).toBe(charged);
    await expectExactWallet(bench(), room);
    expect(await bench().count("select count(*) from pantheon_money_mismatches")).toBe(0);
  });
});

describe("a turn whose managers and judges keep to no form", () => {
  it.each([
    ["orchestrator", ["route", "evaluate"]],
    ["council", ["rank"]],
    ["debate", ["vote"]],
  ] as const)("in the mode %s pays both tries of each form, up to what was held", async (mode, formed) => {
    // Two answers are too few to be ranked by those who gave them.
    const keys = ["ada", "bob", "cyd"];
    const refusal = { text: "I answer in words alone." };
    bench().cloud.standIns.openRouter.setScript([
      managerSays("route", refusal),
      managerSays("evaluate", refusal),
      ...keys.flatMap((key) => [agentSays(key, "rank", refusal), agentSays(key, "vote", refusal)]),
    ]);
    const room = await bench().furnish(keys);
    const over = await driveToEnd(bench(), room, await room.send("What first?", { mode }));
    const rows = await paidCalls(over);
    const steps = [...new Set(rows.map(({ step_id }) => step_id))].map((id) =>
      rows.filter((row) => row.step_id === id),
    );
    for (const calls of steps) {
      const payers = calls.map(() => "user" as const);
      expect(calls.map(({ charged }) => charged)).toEqual(dueOf(calls, payers));
    }
    const twice = steps.filter((calls) => calls.length === 2);
    expect(new Set(twice.map(([call]) => call?.purpose))).toEqual(new Set(formed));
    expect(await balanceOf(room, "waste")).toBe(0n);
    await expectExactWallet(bench(), room);
    expect(await bench().count("select count(*) from pantheon_money_mismatches")).toBe(0);
  });
});
