import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Turn } from "../../src/contract/turns.ts";
import { parseUsage } from "../../src/domain/meter/usage.ts";
import { parseCredits } from "../../src/domain/money/credits.ts";
import type { ModelFailureType, ModelGateway } from "../../src/ports/model.ts";
import { driveToEnd } from "./booked-calls.ts";
import { useBench } from "./engine-kit.ts";
import { expectExactWallet } from "./tools-kit.ts";

interface Attempt {
  readonly words: string;
  /** Null: the words are the reply. */
  readonly failure: ModelFailureType | null;
  readonly promptTokens: number;
}

let attempts: readonly Attempt[] = [];
let made = 0;

/** A model whose attempts say so much, and end so, one after the other. */
const model: ModelGateway = {
  async call({ providerModel }, onDelta) {
    const attempt = attempts[made];
    made += 1;
    if (attempt === undefined) throw new Error(`nobody said how attempt ${made} goes`);
    const { words, failure, promptTokens } = attempt;
    if (words !== "") onDelta?.(words);
    const call = {
      ...({ provider: "openrouter", providerModel, requestId: null, generationId: null, latencyMs: 0 } as const),
      usage: parseUsage({ prompt_tokens: promptTokens, completion_tokens: 1 }),
      status: failure === null ? "ok" : "aborted",
      httpStatus: 200,
      finishReason: failure === null ? "stop" : null,
    } as const;
    const failed = failure && { type: failure, message: "It broke.", isTransient: true, retryAfterSeconds: null };
    return {
      outcome:
        failed === null ? { kind: "replied", text: words, finishReason: "stop" } : { kind: "failed", failure: failed },
      calls: [call],
    };
  },
};

const bench = useBench({ ports: { model } });
const leaseSeconds = 150;

beforeEach(async () => {
  made = 0;
  await bench().holdQueue();
});

const cut = (words: string, promptTokens = 100): Attempt => ({ words, failure: "timeout", promptTokens });
const reply: Attempt = { words: "I would go.", failure: null, promptTokens: 100 };
const costOf = ({ promptTokens }: Attempt) => BigInt(35 * promptTokens + 100) * 1000n;
const sumOf = (of: readonly Attempt[]) => of.reduce((sum, attempt) => sum + costOf(attempt), 0n);

const units = z.coerce.bigint();
const Row = z.object({ status: z.string(), charged: units });
const rowsOf = ({ id }: Turn) =>
  bench().rows(
    Row,
    "select status, charged_units::text as charged from llm_call_events where turn_id = $1 order by attempt",
    [id],
  );
const chargesOf = async (turn: Turn) => (await rowsOf(turn)).map(({ charged }) => charged);
const heldFor = async ({ id }: Turn) => BigInt(await bench().count("select units from holds where turn_id = $1", [id]));
const mismatches = () => bench().count("select count(*) from pantheon_money_mismatches");

async function begin(of: readonly Attempt[]) {
  attempts = of;
  const room = await bench().furnish(["ada"]);
  return { room, turn: await room.send("Go") };
}

describe("an attempt that broke off after words", () => {
  it("is charged, and so are those after it", async () => {
    const { room, turn } = await begin([cut("I"), cut(""), cut("I would"), reply]);
    const over = await driveToEnd(bench(), room, turn);
    expect(over.status).toBe("completed");
    const charges = await chargesOf(turn);
    expect(charges).toEqual([costOf(reply), 0n, costOf(reply), costOf(reply)]);
    expect(parseCredits(over.cost.credits)).toBe(sumOf([reply, reply, reply]));
    await expectExactWallet(bench(), room);
    expect(await mismatches()).toBe(0);
  });

  it("is charged no more than what is left of the hold, and what is above is the platform's", async () => {
    const dear = cut("I", 50_000_000);
    const { room, turn } = await begin([cut("I"), dear, reply]);
    const held = await heldFor(turn);
    expect((await driveToEnd(bench(), room, turn)).status).toBe("completed");
    expect(await chargesOf(turn)).toEqual([costOf(reply), held - costOf(reply), 0n]);
    const variance = "select -balance_units from accounts where owner_id = $1 and kind = 'variance'";
    expect(BigInt(await bench().count(variance, [room.user.id]))).toBe(sumOf([cut("I"), dear, reply]) - held);
    await expectExactWallet(bench(), room);
    expect(await mismatches()).toBe(0);
  });

  it("stays charged when the step is given up", async () => {
    const { room, turn } = await begin(Array.from({ length: 5 }, () => cut("I")));
    expect((await driveToEnd(bench(), room, turn)).status).toBe("failed");
    expect(await chargesOf(turn)).toEqual(Array.from({ length: 5 }, () => costOf(reply)));
    await expectExactWallet(bench(), room);
    expect(await mismatches()).toBe(0);
  });

  it("stays charged when the turn is cancelled before the next", async () => {
    const { room, turn } = await begin([cut("I")]);
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 503 });
    await bench().request("post", `/turns/${turn.id}/cancel`, { token: room.user.token });
    expect(await chargesOf(turn)).toEqual([costOf(reply)]);
    await expectExactWallet(bench(), room);
    expect(await mismatches()).toBe(0);
  });

  it("stays charged when the next is lost, which is the platform's up to what was left of the hold", async () => {
    const { room, turn } = await begin([cut("I"), reply, reply]);
    const held = await heldFor(turn);
    await bench().deliver(turn, 0);
    await bench().pass(2);
    const taken =
      "update turn_steps set status = 'running', attempts = 2, token = 2, lease_until = pantheon_now() where turn_id = $1";
    await bench().write(taken, [turn.id]);
    await bench().pass(leaseSeconds);
    expect((await driveToEnd(bench(), room, turn)).status).toBe("completed");
    expect(await rowsOf(turn)).toEqual([
      { status: "aborted", charged: costOf(reply) },
      { status: "lost", charged: 0n },
      { status: "ok", charged: costOf(reply) },
    ]);
    const waste = "select -balance_units from accounts where owner_id = $1 and kind = 'waste'";
    expect(BigInt(await bench().count(waste, [room.user.id]))).toBe(held - costOf(reply));
    await expectExactWallet(bench(), room);
    expect(await mismatches()).toBe(0);
  });
});
