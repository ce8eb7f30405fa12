import fc from "fast-check";
import { expect, it } from "vitest";
import { plainTurn, said } from "../../../test/support/said.ts";
import { defaultContextSettings } from "../context/settings.ts";
import { rulesByPurpose } from "../modes/purpose.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import { managerKey, type TurnPlan } from "../plan/plan.ts";
import { draftTurn, type SeatedAgent } from "./draft.ts";
import { quoteTurn } from "./quote.ts";
import { type DraftStep, nextSteps, replySizes } from "./rounds.ts";

const keys = ["ada", "bob", "cyd", "dan"];
const seat = (key: string): SeatedAgent => {
  const price = { provider_model: "maker/model", context_limit: 1_000_000, multiplier_milli: 1000 };
  return { key, name: key.toUpperCase(), role_prompt: "", model_alias: "alias", ...price };
};
const inputWith = (maxOutputTokens: number) => ({
  room: { name: "Room", goal: "" },
  mode: "orchestrator" as const,
  rounds: 3,
  agents: keys.map(seat),
  pricingVersion: "v1",
  context: { ...defaultContextSettings, maxOutputTokens },
  turnIndex: 1,
  ...plainTurn,
  message: "Go",
  windowTokens: 0,
  windowMessages: 0,
});

const anyLetter = fc.constantFrom("<", "&lt;", "漢", "💡", "x");
/** Of most agents something new, at the greatest length. */
const anyRounds = fc.tuple(
  ...[1, 2, 3].map((round) =>
    fc.tuple(anyLetter, fc.shuffledSubarray(keys), fc.boolean()).map(([letter, chosen, isParallel]) => ({
      verdict: "continue",
      order: isParallel ? "parallel" : "sequence",
      assignments: chosen.map((agent_key) => ({ agent_key, instruction: `${round}${letter.repeat(5_000)}` })),
    })),
  ),
);
const anyWords = fc.oneof(fc.constant("&lt;".repeat(5_000)), fc.string());

/** What a turn comes to hold whose manager says this, round by round, and whose agents say these words. */
function heldInAll(plan: TurnPlan, first: readonly DraftStep[], rounds: readonly object[], words: string): bigint {
  const traces: StepTrace[] = [];
  const steps = [...first];
  const say = (index: number) =>
    said({ position: index + 1, author: "agent", agent_key: "ada", agent_name: "ADA", text: words });
  for (const step of steps) {
    const place = { ...step, index: step.step_index, agentKey: step.agent_key };
    if (step.purpose === "summarize") throw new Error("a new session has nothing to sum up");
    const isManager = step.purpose === "route" || step.purpose === "evaluate";
    const taskInput = { plan, step: place, seen: [], steps: traces, seed: "" };
    const read = isManager
      ? rulesByPurpose[step.purpose].read(rounds[step.purpose === "route" ? 0 : step.round], taskInput)
      : null;
    const ended = { ...place, isDone: true, result: read?.kind === "read" ? read.result : null };
    traces.push(ended);
    if (step !== steps.at(-1)) continue;
    const own = step.agent_key === managerKey ? null : say(place.index);
    const sizes = replySizes(plan, place, { seen: step.sees.map(say), own });
    steps.push(...nextSteps({ plan, seed: "", ended, steps: traces }, sizes));
  }
  return steps.reduce((sum, { hold_units }) => sum + BigInt(hold_units), 0n);
}

it.each([256, 2_048])(
  "of replies of %i tokens is never less than what an orchestrated turn comes to hold, whatever its manager asks for and at what length",
  (maxOutputTokens) => {
    const input = inputWith(maxOutputTokens);
    const [quote, draft] = [quoteTurn(input), draftTurn(input)];
    if (quote.kind !== "quoted" || draft.kind !== "drafted") throw new Error("it can be made");
    fc.assert(
      fc.property(anyRounds, anyWords, (rounds, words) => {
        expect(quote.total?.high).toBeGreaterThanOrEqual(heldInAll(draft.plan, draft.steps, rounds, words));
      }),
      { numRuns: 100 },
    );
  },
);
