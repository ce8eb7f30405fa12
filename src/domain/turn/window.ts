import { type ContextAudit, windowToAudit } from "../context/audit.ts";
import { contextBudget } from "../context/budget.ts";
import { estimateByClass, type TokensByPart } from "../context/estimate.ts";
import { type ContextRejection, type FitWindowInput, fitWindow, windowMessages } from "../context/fit-window.ts";
import type { WindowMessage, WindowTurn } from "../context/window.ts";
import type { ResponseFormat } from "../json-schema/response-format.ts";
import { utf8Bytes } from "../meter/utf8.ts";
import { labelsFor, shownTo } from "../modes/anonymity.ts";
import type { StepTrace } from "../modes/mode-rules.ts";
import { rulesByPurpose, type TurnPurpose } from "../modes/purpose.ts";
import type { ReadReply, StepWords, TaskGround } from "../modes/purpose-rules.ts";
import {
  buildPrompt,
  type PromptInput,
  type PromptMessage,
  type PromptVoice,
  systemPrompt,
} from "../speaker/build-prompt.ts";
import { carry, mostCarriedBytes } from "../speaker/carry.ts";
import type { Speaker } from "../speaker/quote.ts";
import { agentOf, managerKey, type PlannedAgent, type PlannedStep, type TurnPlan } from "./plan.ts";
import { readResponse, responseForm, responseTask, type ValueCheck } from "./response-form.ts";
import { type SaidMessage, type SessionWindow, tokensFor, toWindowMessage, toWindowSummary } from "./said.ts";
import { withinHold } from "./within-hold.ts";

export interface CallGround {
  readonly plan: TurnPlan;
  readonly step: Pick<PlannedStep, "index" | "purpose" | "agentKey" | "round" | "instruction">;
  /** The turn's id. */
  readonly seed: string;
  readonly turnIndex: number;
  readonly window: SessionWindow;
  /** The user's message and what the agent may see of this turn. */
  readonly current: readonly SaidMessage[];
  /** The turn's steps so far. */
  readonly steps: readonly StepTrace[];
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
  readonly rejected: ContextRejection | null;
}

/** What goes into one model call: the window by the rules of the context, then the prompt of the speaker and its task. */
export function prepareCall(ground: CallGround, check: ValueCheck = fitsAll): PreparedCall {
  const { plan, step, promptBound } = ground;
  const agent = agentOf(plan, step.agentKey);
  const task = toTask(ground);
  const rules = rulesByPurpose[purposeOf(step)];
  const form = responseForm(plan, step);
  const format = form ?? rules.format(task);
  const speaking = speakingOf(ground);
  const fitted = fitWindow({ ...windowInput(ground, agent), promptTokens: promptTokensOf(agent, speaking) });
  const { window, messages } = withinHold(fitted, messagesBound(promptBound, format), (shown) =>
    buildPrompt({ ...speaking, messages: windowMessages(shown) }),
  );
  return {
    messages,
    maxOutputTokens: window.budget.outputReserve,
    format,
    readReply: (value) => (form === null ? rules.read(value, task) : readResponse(form, value, check)),
    audit: { ...windowToAudit(agent.model_alias, window), estimatedByClass: estimateOf(messages) },
    rejected: window.rejected,
  };
}

/** What is held for beside the form that is sent with the messages. */
function messagesBound(promptBound: number | null, format: ResponseFormat | null): number | null {
  if (promptBound === null || format === null) return promptBound;
  return promptBound - utf8Bytes(JSON.stringify(format.schema));
}

export type TaskOfCall = Pick<CallGround, "plan" | "step" | "seed" | "current" | "steps">;

/** All of a prompt but the messages that go into it. */
export function speakingOf(ground: TaskOfCall): Omit<PromptInput, "messages"> & { readonly task: string } {
  const { plan, step } = ground;
  const task = toTask(ground);
  const words = rulesByPurpose[purposeOf(step)].task(task);
  const form = responseForm(plan, step);
  const asked = form === null ? words : `${words}\n\n${responseTask(form)}`;
  return { ...voiceOf(plan, agentOf(plan, step.agentKey)), task: asked, labelById: labelsFor(task) };
}

// Counting a prompt anew is linear in it: of a long one the sum over its messages must do.
const mostCountedCharacters = 200_000;

function estimateOf(messages: readonly PromptMessage[]): TokensByPart | null {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return characters > mostCountedCharacters ? null : estimateByClass(messages);
}

// For a call of which no reply is read.
const fitsAll: ValueCheck = () => [];

/** Where a rule can stand in for a reply that nobody could read; null where none can. */
export function fallbackOf(ground: CallGround): StepWords | null {
  return rulesByPurpose[purposeOf(ground.step)].fallback(toTask(ground));
}

function toTask({ plan, step, current, steps, seed }: TaskOfCall): TaskGround {
  return { plan, step, seen: current, steps, seed };
}

function purposeOf({ purpose }: Pick<PlannedStep, "purpose">): TurnPurpose {
  if (purpose === "summarize") throw new Error("a summary has no window");
  return purpose;
}

function promptTokensOf(reader: PlannedAgent, speaking: PromptVoice & { readonly task: string }): number {
  return tokensFor(reader, systemPrompt(speaking)) + tokensFor(reader, speaking.task);
}

function windowInput(ground: CallGround, agent: PlannedAgent): Omit<FitWindowInput, "promptTokens"> {
  const { plan, step, seed, turnIndex, window, current } = ground;
  const mostBytes = mostCarriedBytes(plan.context.maxOutputTokens);
  const carried = (said: SaidMessage) => carry(toWindowMessage(said, agent), mostBytes);
  return {
    settings: plan.context,
    modelLimit: agent.context_limit,
    agentKey: agent.key,
    summary: toWindowSummary(window.summary, agent),
    history: toTurns(window.messages, carried),
    readsFromTurnIndex: window.reads_from_turn_index,
    current: { turnIndex, isResolved: false, messages: shownTo({ plan, step, seed }, current).map(carried) },
  };
}

export function voiceOf(
  plan: Pick<TurnPlan, "room"> & { readonly agents: readonly Speaker[] },
  agent: Pick<PlannedAgent, "key" | "name" | "role_prompt" | "tools">,
): PromptVoice {
  const manages = plan.agents.filter(({ key }) => key !== managerKey).map(({ key, name }) => ({ key, name }));
  return {
    self: { key: agent.key, name: agent.name },
    roomName: plan.room.name,
    roomGoal: plan.room.goal,
    rolePrompt: agent.role_prompt,
    ...(agent.tools === undefined || agent.tools.length === 0 ? {} : { hasTools: true }),
    ...(agent.key === managerKey ? { manages } : {}),
  };
}

/** How many tokens of history can matter to an agent: no more is read. */
export function windowTokens(plan: TurnPlan, agentKey: string): number {
  const { context_limit } = agentOf(plan, agentKey);
  return contextBudget({ modelLimit: context_limit, maxOutput: plan.context.maxOutputTokens }).inputBudget;
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
