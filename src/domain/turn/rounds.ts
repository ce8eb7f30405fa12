import { rulesByMode } from "../modes/mode.ts";
import type { ModeGround } from "../modes/mode-rules.ts";
import { boundStep, carriedTokens } from "./hold.ts";
import { unblocksOf } from "./machine.ts";
import { type PlannedStep, planVersion, rosterOf, type TurnPlan } from "./plan.ts";
import { type SaidMessage, toWindowMessage, windowTokens } from "./window.ts";

export interface DraftStep {
  readonly step_index: number;
  readonly purpose: PlannedStep["purpose"];
  readonly agent_key: string;
  readonly round: number;
  readonly waiting_on: number;
  readonly unblocks: readonly number[];
  readonly sees: readonly number[];
  readonly window_tokens: number;
  readonly prompt_bound: number | null;
  /** Whole numbers beyond 2^53 travel as text. */
  readonly hold_units: string;
}

/** How large what a step said is in later prompts, by the step's index, where it is known. */
export type SaidTokens = ReadonlyMap<number, number>;

export function planBegin(plan: TurnPlan): readonly PlannedStep[] {
  return rulesByMode[plan.mode].begin(groundOf(plan));
}

/** The longest that the turn may become, its beginning included. */
export function planMost(plan: TurnPlan): readonly PlannedStep[] {
  return rulesByMode[plan.mode].most(groundOf(plan));
}

function groundOf(plan: TurnPlan): ModeGround {
  return { agentKeys: rosterOf(plan).map(({ key }) => key), rounds: plan.rounds, seed: "" };
}

/** The round after a step's own, for when it turns out to be the last of it to end; none where others of it must follow. */
export function nextRound(
  plan: TurnPlan,
  step: { readonly index: number; readonly round: number },
  said: SaidTokens,
): readonly DraftStep[] {
  if (plan.version < planVersion) return [];
  const ended = { ...step, purpose: "agent", agentKey: "", isDone: true, result: null } as const;
  return toDraftSteps(plan, rulesByMode[plan.mode].next(groundOf(plan), ended, []), said);
}

/** What a step has seen of its turn and says itself: all that is known when it ends. */
export function saidTokens(
  plan: TurnPlan,
  step: { readonly index: number; readonly round: number },
  said: { readonly seen: readonly SaidMessage[]; readonly own: SaidMessage },
): SaidTokens {
  const sees = planMost(plan).find(({ index }) => index === step.index)?.sees ?? [];
  const others = said.seen.filter(({ author }) => author !== "user");
  const sizeOf = (message: SaidMessage) => carriedTokens(toWindowMessage(message), plan.context.maxOutputTokens);
  const own = [step.index, sizeOf(said.own)] as const;
  if (others.length !== sees.length) return new Map([own]);
  return new Map([...others.map((message, place) => [sees[place] ?? -1, sizeOf(message)] as const), own]);
}

/** Steps as they are stored; they wait only for each other, since all before them has ended. */
export function toDraftSteps(plan: TurnPlan, steps: readonly PlannedStep[], said: SaidTokens): readonly DraftStep[] {
  return steps.map((step) => {
    const bound = boundStep(
      plan,
      step.agentKey,
      step.sees.map((index) => said.get(index) ?? null),
    );
    return {
      step_index: step.index,
      purpose: step.purpose,
      agent_key: step.agentKey,
      round: step.round,
      waiting_on: step.after.filter((index) => steps.some((other) => other.index === index)).length,
      unblocks: unblocksOf(steps, step.index),
      sees: step.sees,
      window_tokens: windowTokens(plan, step.agentKey),
      prompt_bound: bound.promptTokens,
      hold_units: bound.units.toString(),
    };
  });
}
