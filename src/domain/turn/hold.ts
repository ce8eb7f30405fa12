import { contextBudget } from "../context/budget.ts";
import type { WindowMessage } from "../context/window.ts";
import { maxPromptTokens, maxUnits, overheadTokensPerMessage } from "../meter/bound.ts";
import { maxTaskBytes } from "../modes/purpose.ts";
import { agentOf, type PlannedAgent, type PlannedStep, type TurnPlan } from "../plan/plan.ts";
import { buildPrompt, type SystemPromptInput } from "../speaker/build-prompt.ts";
import { carriedBytes, maxCarriedBytes } from "../speaker/carry.ts";
import { descriptionBudget, refusalBudgets, resultBudgets } from "../tools/byte-budget.ts";
import { responseBytes } from "./response-form.ts";

export interface PromptSizeInput {
  readonly voice: SystemPromptInput;
  readonly userMessage: string;
  /** The most tokens of the session's history, replies that are still to come left out. */
  readonly historyTokens: number;
  readonly repliesToCome: number;
  readonly maxOutputTokens: number;
}

export interface StepBound {
  /** The most tokens that the prompt may come to; null where the model's own limit is lower. */
  readonly promptTokens: number | null;
  readonly units: bigint;
}

/** What the agent graph may add to a prompt when it asks for a reply again, and what opens a cut history. */
export const promptSpareTokens = 512;
const joinBytes = 2;

/** The most tokens that a reply can be in a later prompt. */
function maxCarriedTokens(maxOutputTokens: number): number {
  return maxCarriedBytes(maxOutputTokens) + joinBytes + overheadTokensPerMessage;
}

/** The most tokens that what was said is in a later prompt. */
export function carriedTokens(message: Pick<WindowMessage, "author" | "text">, maxOutputTokens: number): number {
  return carriedBytes(message, maxCarriedBytes(maxOutputTokens)) + joinBytes + overheadTokensPerMessage;
}

/** The most tokens of an agent's prompt before anyone else has spoken in the turn. */
export function promptBase(input: PromptSizeInput): number {
  const message = { author: { kind: "user" }, text: input.userMessage } as const;
  const own = maxPromptTokens(buildPrompt({ ...input.voice, messages: [message] })) + promptSpareTokens;
  return own + input.historyTokens + input.repliesToCome * maxCarriedTokens(input.maxOutputTokens);
}

/**
 * What one call may come to at most: bytes bound its prompt's tokens, and so does the model's own limit; its output is bounded
 * by the limit that is sent. Of a reply that is not known yet the cap counts.
 */
export function boundStep(
  plan: TurnPlan,
  step: Omit<PlannedStep, "after" | "sees">,
  said: readonly (number | null)[],
): StepBound {
  const agent = agentOf(plan, step.agentKey);
  const cap = maxCarriedTokens(plan.context.maxOutputTokens);
  const carried = said.reduce<number>((sum, tokens) => sum + (tokens ?? cap), 0);
  const promptTokens = agent.prompt_base + carried + taskTokens(plan, step);
  const { modelLimit, outputReserve } = contextBudget({
    modelLimit: agent.context_limit,
    maxOutput: plan.context.maxOutputTokens,
  });
  const unitsOf = (tokens: number) =>
    maxUnits({
      promptTokens: Math.min(tokens, modelLimit),
      outputTokens: outputReserve,
      multiplierMilli: agent.multiplier_milli,
    });
  const calls = step.purpose === "agent" ? promptsWithTools(plan, agent, promptTokens) : [promptTokens];
  const units = calls.reduce((sum, tokens) => sum + unitsOf(tokens), 0n);
  return { promptTokens: promptTokens < modelLimit ? promptTokens : null, units };
}

/**
 * The prompts of one step: with tools the model is called again after each, with what it asked for and what came of it, and once more
 * when it asks for more than it may. A reply that asks for several at once has fewer calls after it, and each within these.
 */
function promptsWithTools(plan: TurnPlan, { tools = [] }: PlannedAgent, promptTokens: number): readonly number[] {
  if (tools.length === 0) return [promptTokens];
  const prompts = [promptTokens + descriptionBudget(tools)];
  for (const results of [...resultBudgets(tools).map((room) => [room]), refusalBudgets]) {
    // Its own words come back to the model as the tokens that they left it as.
    const asked = plan.context.maxOutputTokens + overheadTokensPerMessage;
    const answered = results.reduce((sum, bytes) => sum + bytes + overheadTokensPerMessage, 0);
    prompts.push((prompts.at(-1) ?? 0) + asked + answered);
  }
  return prompts;
}

/** What is asked, and the form in which, at most; the summary is bounded where it is planned. */
function taskTokens(plan: TurnPlan, step: Omit<PlannedStep, "after" | "sees">): number {
  const { purpose } = step;
  if (purpose === "summarize") return 0;
  return maxTaskBytes(plan, { ...step, purpose }) + responseBytes(plan, step) + joinBytes;
}
