import { rulesByMode } from "../modes/mode.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import type { PlannedStep, TurnPlan } from "../plan/plan.ts";
import { modeInput } from "./course.ts";
import { boundStep, carriedTokens } from "./hold.ts";
import { type SaidMessage, toWords } from "./said.ts";
import { windowTokens } from "./window.ts";

export interface DraftStep {
  readonly step_index: number;
  readonly purpose: PlannedStep["purpose"];
  readonly agent_key: string;
  readonly round: number;
  readonly waiting_on: number;
  readonly unblocks: readonly number[];
  readonly sees: readonly number[];
  readonly instruction: string | null;
  readonly window_tokens: number;
  readonly prompt_bound: number | null;
  /** Whole numbers beyond 2^53 travel as text. */
  readonly hold_units: string;
}

/** How large what a step said is in later prompts, by the step's index, where it is known. */
export type ReplySizes = ReadonlyMap<number, number>;

/** From 2 on, a turn's later steps are planned on the way. */
const minVersionPlannedOnTheWay = 2;

export interface EndedStep {
  readonly plan: TurnPlan;
  readonly seed: string;
  readonly ended: StepTrace;
  readonly steps: readonly StepTrace[];
}

/** What follows a step, for when it turns out to be the last that is open. */
export function nextSteps({ plan, seed, ended, steps }: EndedStep, said: ReplySizes): readonly DraftStep[] {
  if (plan.mode === "summary" || plan.version < minVersionPlannedOnTheWay) return [];
  return toDraftSteps(plan, rulesByMode[plan.mode].next(modeInput(plan, seed), ended, steps), said);
}

/**
 * The earlier steps of which one must have said something, or none of the next ones follows. None where they follow anyway, or where
 * one of them is known to have.
 */
export function neededWords(
  { mode }: Pick<TurnPlan, "mode">,
  next: readonly Pick<DraftStep, "step_index" | "sees">[],
  said: readonly Pick<SaidMessage, "author" | "position">[],
): readonly number[] {
  if (mode === "summary" || !rulesByMode[mode].needsWords) return [];
  const own = next.map(({ step_index }) => step_index);
  const needed = [...new Set(next.flatMap(({ sees }) => sees))].filter((index) => !own.includes(index));
  const isSaid = said.some(({ author, position }) => author === "agent" && needed.includes(position - 1));
  return isSaid ? [] : needed;
}

/** What a step has seen of its turn and says itself: all that is known when it ends. One that ended in silence takes no room. */
export function replySizes(
  plan: TurnPlan,
  step: { readonly index: number; readonly sees: readonly number[] },
  said: { readonly seen: readonly SaidMessage[]; readonly own: SaidMessage | null },
): ReplySizes {
  const sizeOf = (message: SaidMessage) => carriedTokens(toWords(message), plan.context.maxOutputTokens);
  const sizes = new Map<number, number>([...step.sees, step.index].map((index) => [index, 0]));
  for (const message of said.seen) if (message.position > 0) sizes.set(message.position - 1, sizeOf(message));
  if (said.own !== null) sizes.set(step.index, sizeOf(said.own));
  return sizes;
}

/** Steps as they are stored; they wait only for each other, since all before them has ended. */
export function toDraftSteps(plan: TurnPlan, steps: readonly PlannedStep[], said: ReplySizes): readonly DraftStep[] {
  return steps.map((step) => {
    const bound = boundStep(
      plan,
      step,
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
      instruction: step.instruction,
      window_tokens: windowTokens(plan, step.agentKey),
      prompt_bound: bound.promptTokens,
      hold_units: bound.units.toString(),
    };
  });
}

/** For each step the ones that wait for it: what the database counts down. */
function unblocksOf(steps: readonly PlannedStep[], index: number): readonly number[] {
  return steps.filter((step) => step.after.includes(index)).map((step) => step.index);
}
