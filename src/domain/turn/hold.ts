import { contextBudget } from "../context/budget.ts";
import type { WindowMessage } from "../context/window.ts";
import { mostPromptTokens, mostUnits, overheadTokensPerMessage } from "../meter/bound.ts";
import { buildPrompt, type PromptVoice } from "../speaker/build-prompt.ts";
import { carriedBytes, mostCarriedBytes } from "../speaker/carry.ts";
import { agentOf, type TurnPlan } from "./plan.ts";

export interface PromptGround {
  readonly voice: PromptVoice;
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
export const promptSpareTokens = 256;
const joinBytes = 2;

/** The most tokens that a reply can be in a later prompt. */
function mostCarriedTokens(maxOutputTokens: number): number {
  return mostCarriedBytes(maxOutputTokens) + joinBytes + overheadTokensPerMessage;
}

/** The most tokens that what was said is in a later prompt. */
export function carriedTokens(message: WindowMessage, maxOutputTokens: number): number {
  return carriedBytes(message, mostCarriedBytes(maxOutputTokens)) + joinBytes + overheadTokensPerMessage;
}

/** The most tokens of an agent's prompt before anyone else has spoken in the turn. */
export function promptBase(ground: PromptGround): number {
  const message = { author: { kind: "user" }, text: ground.userMessage } as const;
  const own = mostPromptTokens(buildPrompt({ ...ground.voice, messages: [message] })) + promptSpareTokens;
  return own + ground.historyTokens + ground.repliesToCome * mostCarriedTokens(ground.maxOutputTokens);
}

/**
 * What one call may come to at most: bytes bound its prompt's tokens, and so does the model's own limit; its output is bounded
 * by the limit that is sent. Of a reply that is not known yet the cap counts.
 */
export function boundStep(plan: TurnPlan, agentKey: string, said: readonly (number | null)[]): StepBound {
  const agent = agentOf(plan, agentKey);
  const cap = mostCarriedTokens(plan.context.maxOutputTokens);
  const carried = said.reduce<number>((sum, tokens) => sum + (tokens ?? cap), 0);
  const promptTokens = agent.prompt_base + carried;
  const { modelLimit, outputReserve } = contextBudget({
    modelLimit: agent.context_limit,
    maxOutput: plan.context.maxOutputTokens,
  });
  const units = mostUnits({
    promptTokens: Math.min(promptTokens, modelLimit),
    outputTokens: outputReserve,
    multiplierMilli: agent.multiplier_milli,
  });
  return { promptTokens: promptTokens < modelLimit ? promptTokens : null, units };
}
