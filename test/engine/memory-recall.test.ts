import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Turn } from "../../src/contract/turns.ts";
import { maxRenderedBytes } from "../../src/domain/memory/render-summary.ts";
import { utf8Bytes } from "../../src/domain/text/utf8.ts";
import type { Furnished } from "../support/engine.ts";
import { type Bench, openBench } from "./engine-bench.ts";
import { summaries } from "./memory-kit.ts";
import { fillerTurns, planted, recallModel, turnsOfPlay } from "./recall-play.ts";
import { type Responder, startResponder } from "./responder.ts";
import { priceModel, useModel } from "./seed-turns.ts";

let responder: Responder;
let bench: Bench;
let room: Furnished;

beforeAll(async () => {
  responder = await startResponder(recallModel);
  bench = await openBench({ variables: { OPENROUTER_BASE_URL: responder.baseUrl } });
  responder.standIn(bench.cloud.standIns.openRouter);
  await priceModel(bench, "small-window", 8192);
  room = await bench.furnish(["ada", "bob", "cyd"], { manager_model_alias: "small-window" });
  for (const agent of ["ada", "bob", "cyd"]) await useModel(bench, room, agent, "small-window");
});
afterAll(async () => {
  await bench?.stop();
  await responder.stop();
});

async function speak(message: string, mode: string): Promise<Turn> {
  const turn = await room.finish(await room.send(message, { mode }));
  if (turn.status !== "completed") throw new Error(`turn ${turn.turn_index} is ${turn.status}`);
  await bench.cloud.standIns.qstash.core.settled();
  return turn;
}

const Call = z.object({
  purpose: z.string(),
  provider: z.number(),
  budget: z.number(),
  limit: z.number(),
  is_cut: z.boolean(),
});

/** Each call of the session by the provider's own count, beside what its audit allowed. */
function callsOfSession() {
  return bench.rows(
    Call,
    `select e.purpose, (e.fresh_tokens + e.cached_tokens)::int as provider, (a.audit->>'inputBudget')::int as budget,
       (a.audit->>'modelContextLimit')::int - (a.audit->>'outputReserve')::int as limit,
       jsonb_array_length(a.audit->'cuts') + jsonb_array_length(a.audit->'ranges') > 0 as is_cut
     from llm_call_events e join turn_steps s on s.id = e.step_id
       join turn_context_audit a on a.turn_id = e.turn_id and a.step_index = s.step_index and a.attempt = e.attempt
     where e.session_id = $1`,
    [room.session.id],
  );
}

const share = (answers: readonly boolean[]) => answers.filter(Boolean).length / answers.length;

describe("sixty turns in windows of 8192 tokens", () => {
  it("leave every decision and at least 95 of 100 facts of the user's to be answered from the prompt at the end", async () => {
    for (const { message, mode } of turnsOfPlay()) await speak(message, mode);
    const made = await summaries(bench, room);
    const recalled: { readonly kind: string; readonly isRecalled: boolean }[] = [];
    for (const { kind, question, answer } of planted) {
      const turn = await speak(`@ada ${question}`, "manual");
      recalled.push({ kind, isRecalled: turn.steps.at(-1)?.output === `It is ${answer}.` });
    }
    const of = (kind: string) => recalled.filter((one) => one.kind === kind).map(({ isRecalled }) => isRecalled);
    const calls = await callsOfSession();
    const agents = calls.filter(({ purpose }) => purpose === "agent");
    const fullest = Math.max(...agents.map(({ provider, budget }) => provider / budget));
    const sizes = made.map(({ rendered }) => utf8Bytes(rendered));
    console.log(
      JSON.stringify({
        turns: fillerTurns + planted.length,
        compactions: made.length,
        facts: share(of("fact")),
        decisions: share(of("decision")),
        rendered_bytes: sizes,
        agent_calls: agents.length,
        cut: agents.filter(({ is_cut }) => is_cut).length,
        fullest_prompt_of_budget: Number(fullest.toFixed(3)),
      }),
    );
    expect([of("fact").length, of("decision").length]).toEqual([8, 4]);
    expect(share(of("decision"))).toBe(1);
    expect(share(of("fact"))).toBeGreaterThanOrEqual(0.95);
    expect(made.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxRenderedBytes);
    expect(fullest).toBeLessThanOrEqual(1);
    expect(agents.filter(({ is_cut }) => is_cut).length).toBeGreaterThan(agents.length / 2);
    for (const { provider, limit } of calls) expect(provider).toBeLessThanOrEqual(limit);
  });
});
