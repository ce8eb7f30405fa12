import { type ContextAudit, windowToAudit } from "../context/audit.ts";
import { type ContextBudget, contextBudget } from "../context/budget.ts";
import {
  type ContextRejection,
  type FittedWindow,
  type FitWindowInput,
  fitWindow,
  windowMessages,
} from "../context/fit-window.ts";
import type { WindowMessage, WindowTurn } from "../context/window.ts";
import type { ResponseFormat } from "../json-schema/response-format.ts";
import { dueThroughTurnIndex } from "../memory/when-to-summarize.ts";
import { shownTo } from "../modes/anonymity.ts";
import { rulesByPurpose } from "../modes/purpose.ts";
import type { ReadReply, StepWords } from "../modes/purpose-rules.ts";
import { agentOf, minContextLimit, type PlannedAgent, type TurnPlan } from "../plan/plan.ts";
import { buildPrompt, type PromptMessage, type SystemPromptInput, systemPrompt } from "../speaker/build-prompt.ts";
import { carry, maxCarriedBytes } from "../speaker/carry.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { ratioRange, tokensFor } from "../tokens/calibrate-ratios.ts";
import { estimateByClass, type TokensByPart } from "../tokens/estimate.ts";
import { promptInputOf, purposeOf, type TaskOfCall, toTask } from "./prompt-input.ts";
import { readResponse, responseForm, type ValueCheck } from "./response-form.ts";
import { type SaidMessage, type SessionWindow, toWindowMessage, toWindowSummary } from "./said.ts";
import { toTokenCounter } from "./token-counter.ts";
import { withinHold } from "./within-hold.ts";

export interface CallInput extends TaskOfCall {
  readonly turnIndex: number;
  readonly window: SessionWindow;
  /** The most tokens that the prompt may come to, by what is held for it; null where only the model's limit bounds it. */
  readonly promptBound: number | null;
}

export interface PreparedCall {
  readonly messages: readonly PromptMessage[];
  readonly maxOutputTokens: number;
  /** Null: plain words. */
  readonly format: ResponseFormat | null;
  readonly readReply: (value: unknown) => ReadReply;
  readonly audit: ContextAudit;
  /** As in the audit: the last turn that a summary covers when one begins at the end of this turn. */
  readonly summaryDueThrough: number | null;
  readonly rejected: ContextRejection | null;
}

/** What goes into one model call: the window by the rules of the context, then the prompt of the speaker and its task. */
export function buildCall(callInput: CallInput, check: ValueCheck = fitsAll): PreparedCall {
  const { plan, step, promptBound } = callInput;
  const agent = agentOf(plan, step.agentKey);
  const task = toTask(callInput);
  const rules = rulesByPurpose[purposeOf(step)];
  const form = responseForm(plan, step);
  const format = form ?? rules.format(task);
  const parts = promptInputOf(callInput);
  const { fitted, summaryDueThrough } = fitOf(callInput, parts);
  const { window, messages } = withinHold(fitted, messagesBound(promptBound, format), (shown) =>
    buildPrompt({ ...parts, messages: windowMessages(shown) }),
  );
  return {
    messages,
    maxOutputTokens: window.budget.outputReserve,
    format,
    readReply: (value) => (form === null ? rules.read(value, task) : readResponse(form, value, check)),
    audit: { ...windowToAudit(agent.model_alias, window, summaryDueThrough), estimatedByClass: estimateOf(messages) },
    summaryDueThrough,
    rejected: window.rejected,
  };
}

/** Whether a call has its place, without its prompt: of a turn that is being made nobody sends one. */
export function fitWithoutPrompt(callInput: CallInput): Pick<PreparedCall, "audit" | "rejected"> {
  const { fitted, summaryDueThrough } = fitOf(callInput, promptInputOf(callInput));
  const audit = windowToAudit(agentOf(callInput.plan, callInput.step.agentKey).model_alias, fitted, summaryDueThrough);
  return { audit, rejected: fitted.rejected };
}

/** The most of a history and a turn at hand: their tokens as they are kept, and what goes around them. */
export interface MostTokens {
  readonly kept: number;
  readonly frames: number;
}

/** Whether a call is sure to have its place with nothing cut. */
export function surelyFits(callInput: CallInput, { kept, frames }: MostTokens): boolean {
  const agent = agentOf(callInput.plan, callInput.step.agentKey);
  const { inputBudget } = budgetOf(callInput.plan, agent);
  const most = Math.ceil(kept * ratioRange(agent.token_ratios).most) + frames;
  return most <= inputBudget && promptTokensOf(agent, promptInputOf(callInput)) + most <= inputBudget;
}

interface Fitted extends Pick<PreparedCall, "summaryDueThrough"> {
  readonly fitted: FittedWindow;
}

function fitOf(callInput: CallInput, parts: SystemPromptInput & { readonly task: string }): Fitted {
  const agent = agentOf(callInput.plan, callInput.step.agentKey);
  const input = { ...windowInput(callInput, agent), promptTokens: promptTokensOf(agent, parts) };
  const fitted = fitWindow(input);
  const trigger = { ...input, minModelLimit: minContextLimit(callInput.plan) };
  return { fitted, summaryDueThrough: dueThroughTurnIndex(trigger, fitted.estimateAfterSummary) };
}

/** What is held for beside the form that is sent with the messages. */
function messagesBound(promptBound: number | null, format: ResponseFormat | null): number | null {
  if (promptBound === null || format === null) return promptBound;
  return promptBound - utf8Bytes(JSON.stringify(format.schema));
}

// Counting a prompt anew is linear in it: of a long one the sum over its messages must do.
const maxCountedCharacters = 200_000;

function estimateOf(messages: readonly PromptMessage[]): TokensByPart | null {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return characters > maxCountedCharacters ? null : estimateByClass(messages);
}

// For a call of which no reply is read.
const fitsAll: ValueCheck = () => [];

/** Where a rule can stand in for a reply that nobody could read; null where none can. */
export function fallbackOf(callInput: CallInput): StepWords | null {
  return rulesByPurpose[purposeOf(callInput.step)].fallback(toTask(callInput));
}

function promptTokensOf(reader: PlannedAgent, parts: SystemPromptInput & { readonly task: string }): number {
  return tokensFor(reader, systemPrompt(parts)) + tokensFor(reader, parts.task);
}

function windowInput(callInput: CallInput, agent: PlannedAgent): Omit<FitWindowInput, "promptTokens"> {
  const { plan, step, seed, turnIndex, window, current } = callInput;
  const maxBytes = maxCarriedBytes(plan.context.maxOutputTokens);
  const reader = toTokenCounter(agent);
  const carried = (said: SaidMessage) => carry(toWindowMessage(said, reader), maxBytes);
  return {
    settings: plan.context,
    modelLimit: agent.context_limit,
    agentKey: agent.key,
    summary: toWindowSummary(window.summary, reader),
    history: toTurns(window.messages, carried),
    readsFromTurnIndex: window.reads_from_turn_index,
    current: { turnIndex, isResolved: false, messages: shownTo({ plan, step, seed }, current).map(carried) },
  };
}

/** How many tokens of history, as they are kept, can matter to an agent: no more is read. */
export function windowTokens(plan: TurnPlan, agentKey: string): number {
  const agent = agentOf(plan, agentKey);
  return Math.ceil(budgetOf(plan, agent).inputBudget / Math.min(1, ratioRange(agent.token_ratios).least));
}

function budgetOf({ context }: TurnPlan, { context_limit }: PlannedAgent): ContextBudget {
  return contextBudget({ modelLimit: context_limit, maxOutput: context.maxOutputTokens });
}

function toTurns(
  history: readonly SaidMessage[],
  carried: (said: SaidMessage) => WindowMessage,
): readonly WindowTurn[] {
  const turns = new Map<number, WindowMessage[]>();
  for (const message of history) {
    const said = turns.get(message.turn_index) ?? [];
    said.push(carried(message));
    turns.set(message.turn_index, said);
  }
  return [...turns].map(([turnIndex, messages]) => ({ turnIndex, isResolved: true, messages }));
}
