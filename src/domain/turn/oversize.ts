import type { ContextAudit } from "../context/audit.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import type { PlannedStep, TurnPlan } from "../plan/plan.ts";
import { type SaidMessage, type SessionWindow, toWords } from "./said.ts";
import { maxFrameTokens } from "./token-counter.ts";
import { type CallInput, fitWithoutPrompt, type MostTokens, surelyFits } from "./window.ts";

export interface DraftAudit {
  readonly step_index: number;
  readonly agent_key: string;
  readonly audit: ContextAudit;
}

/** The first call that cannot fit, and what each would have been. */
export interface Oversize {
  readonly rejection: ContextRejection;
  readonly audits: readonly DraftAudit[];
}

export interface OversizeInput {
  readonly seed: string;
  readonly turnIndex: number;
  readonly window: SessionWindow;
  readonly current: readonly SaidMessage[];
}

export function findOversize(
  { seed, turnIndex, window, current }: OversizeInput,
  plan: TurnPlan,
  steps: readonly PlannedStep[],
): Oversize | null {
  const fixed = { plan, seed, turnIndex, window, current, steps: [], promptBound: null };
  const inputs = steps.map((step): CallInput => ({ ...fixed, step }));
  const most = maxTokensOf(window, current);
  const rejected = inputs.map((input) => (surelyFits(input, most) ? null : fitWithoutPrompt(input).rejected));
  const rejection = rejected.find((each) => each !== null);
  if (rejection == null) return null;
  const audits = inputs.map((input) => ({
    step_index: input.step.index,
    agent_key: input.step.agentKey,
    audit: fitWithoutPrompt(input).audit,
  }));
  return { rejection, audits };
}

/** Looked at once, however many will read it. */
function maxTokensOf({ summary, messages }: SessionWindow, current: readonly SaidMessage[]): MostTokens {
  const said = [...messages, ...current];
  const summaryFrame = summary === null ? 0 : maxFrameTokens({ kind: "summary" });
  return {
    kept: said.reduce((sum, { tokens }) => sum + tokens, summary?.tokens ?? 0),
    frames: said.reduce((sum, message) => sum + maxFrameTokens(toWords(message).author), summaryFrame),
  };
}
