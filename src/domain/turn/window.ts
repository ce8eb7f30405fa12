import { type ContextAudit, windowToAudit } from "../context/audit.ts";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import { type ContextRejection, type FitWindowInput, fitWindow, windowMessages } from "../context/fit-window.ts";
import type { WindowMessage, WindowSummary, WindowTurn } from "../context/window.ts";
import type { ResponseFormat } from "../json-schema/response-format.ts";
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
import { withinHold } from "./within-hold.ts";

/** A message as the database hands it over. */
export interface SaidMessage {
  readonly id: string;
  readonly turn_index: number;
  /** 0 for the user's own, then the step's index plus one. */
  readonly position: number;
  readonly author: "user" | "agent" | "failed_agent";
  readonly agent_key: string | null;
  readonly agent_name: string | null;
  readonly error_type: string | null;
  readonly text: string;
  readonly tokens: number;
  readonly token_class: string | null;
  readonly is_pinned: boolean;
  readonly private_to: string | null;
  readonly group_id: string | null;
}

export interface StoredWindowSummary {
  readonly id: string;
  readonly through_turn_index: number;
  readonly made_at_turn_index: number;
  readonly rendered: string;
  readonly tokens: number;
  readonly token_class: string | null;
}

/** What a session gives to a prompt, as the database hands it over. */
export interface SessionWindow {
  readonly summary: StoredWindowSummary | null;
  /** The oldest turn that was read whole. */
  readonly reads_from_turn_index: number;
  /** Oldest first; of turns before that one only what is pinned. */
  readonly messages: readonly SaidMessage[];
}

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
  const speaking = speakingOf(ground);
  const fitted = fitWindow({ ...windowInput(ground, agent), promptTokens: promptTokensOf(speaking) });
  const { window, messages } = withinHold(fitted, promptBound, (shown) =>
    buildPrompt({ ...speaking, messages: windowMessages(shown) }),
  );
  return {
    messages,
    maxOutputTokens: window.budget.outputReserve,
    format: form ?? rules.format(task),
    readReply: (value) => (form === null ? rules.read(value, task) : readResponse(form, value, check)),
    audit: windowToAudit(agent.model_alias, window),
    rejected: window.rejected,
  };
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

function promptTokensOf(speaking: PromptVoice & { readonly task: string }): number {
  return estimateTokens(systemPrompt(speaking)) + estimateTokens(speaking.task);
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
  agent: Pick<PlannedAgent, "key" | "name" | "role_prompt">,
): PromptVoice {
  const manages = plan.agents.filter(({ key }) => key !== managerKey).map(({ key, name }) => ({ key, name }));
  return {
    self: { key: agent.key, name: agent.name },
    roomName: plan.room.name,
    roomGoal: plan.room.goal,
    rolePrompt: agent.role_prompt,
    ...(agent.key === managerKey ? { manages } : {}),
  };
}

/** How many tokens of history can matter to an agent: no more is read. */
export function windowTokens(plan: TurnPlan, agentKey: string): number {
  const { context_limit } = agentOf(plan, agentKey);
  return contextBudget({ modelLimit: context_limit, maxOutput: plan.context.maxOutputTokens }).inputBudget;
}

/** Counted once, when it is said, and kept with the message. */
export function messageTokens(text: string): { readonly tokens: number; readonly token_class: string } {
  return { tokens: estimateTokens(text), token_class: "prose" };
}

/** The user's message of a turn that is not stored yet. */
export function userMessage(turnIndex: number, text: string): SaidMessage {
  const nobody = { agent_key: null, agent_name: null, error_type: null, private_to: null, group_id: null };
  const place = { id: "", turn_index: turnIndex, position: 0, author: "user", is_pinned: false } as const;
  return { ...place, ...nobody, text, ...messageTokens(text) };
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

/** For a model its tokens are as it counts them; for nobody in particular, as they were counted when it was said. */
export function toWindowMessage(said: SaidMessage, _reader: PlannedAgent | null): WindowMessage {
  const { id, text, tokens, is_pinned, private_to, group_id, ...message } = said;
  const author = toAuthor(message);
  return { id, text, tokens, author, isPinned: is_pinned, privateTo: private_to, groupId: group_id, shortened: null };
}

function toWindowSummary(summary: StoredWindowSummary | null, _reader: PlannedAgent): WindowSummary | null {
  if (summary === null) return null;
  const { id, rendered: text, tokens, through_turn_index, made_at_turn_index } = summary;
  const plain = { isPinned: false, privateTo: null, groupId: null, shortened: null };
  return {
    message: { id, text, tokens, author: { kind: "summary" }, ...plain },
    coversThroughTurnIndex: through_turn_index,
    madeAtTurnIndex: made_at_turn_index,
  };
}

type AuthorFields = Pick<SaidMessage, "author" | "agent_key" | "agent_name" | "error_type">;

function toAuthor({ author, agent_key, agent_name, error_type }: AuthorFields): WindowMessage["author"] {
  const speaker = { key: agent_key ?? "", name: agent_name ?? "" };
  switch (author) {
    case "user":
      return { kind: "user" };
    case "agent":
      return { kind: "agent", ...speaker };
    case "failed_agent":
      return { kind: "failed_agent", ...speaker, errorType: error_type ?? "unknown" };
  }
}
