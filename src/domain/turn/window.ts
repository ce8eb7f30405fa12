import { type ContextAudit, windowToAudit } from "../context/audit.ts";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import { type ContextRejection, fitWindow, windowMessages } from "../context/fit-window.ts";
import type { WindowMessage, WindowTurn } from "../context/window.ts";
import { buildPrompt, type PromptMessage, type PromptVoice, systemPrompt } from "../speaker/build-prompt.ts";
import { carry, mostCarriedBytes } from "../speaker/carry.ts";
import { agentOf, type PlannedAgent, type TurnPlan } from "./plan.ts";
import { withinHold } from "./within-hold.ts";

/** A message as the database hands it over. */
export interface SaidMessage {
  readonly id: string;
  readonly turn_index: number;
  readonly author: "user" | "agent" | "failed_agent";
  readonly agent_key: string | null;
  readonly agent_name: string | null;
  readonly error_type: string | null;
  readonly text: string;
  readonly tokens: number;
  readonly is_pinned: boolean;
}

export interface CallGround {
  readonly plan: TurnPlan;
  readonly agentKey: string;
  readonly turnIndex: number;
  /** Whole earlier turns, oldest first. */
  readonly history: readonly SaidMessage[];
  /** The user's message and what the agent may see of this turn. */
  readonly current: readonly SaidMessage[];
  /** The most tokens that the prompt may come to, by what is held for it; null where only the model's limit bounds it. */
  readonly promptBound: number | null;
}

export interface PreparedCall {
  readonly messages: readonly PromptMessage[];
  readonly maxOutputTokens: number;
  readonly audit: ContextAudit;
  readonly rejected: ContextRejection | null;
}

/** What goes into one model call: the window by the rules of the context, then the prompt of the speaker. */
export function prepareCall(ground: CallGround): PreparedCall {
  const { plan, turnIndex, promptBound } = ground;
  const agent = agentOf(plan, ground.agentKey);
  const voice = voiceOf(plan.room, agent);
  const mostBytes = mostCarriedBytes(plan.context.maxOutputTokens);
  const carried = (said: SaidMessage) => carry(toWindowMessage(said), mostBytes);
  const fitted = fitWindow({
    settings: plan.context,
    modelLimit: agent.context_limit,
    agentKey: agent.key,
    promptTokens: estimateTokens(systemPrompt(voice)),
    summary: null,
    history: toTurns(ground.history, carried),
    readsFromTurnIndex: ground.history[0]?.turn_index ?? turnIndex,
    current: { turnIndex, isResolved: false, messages: ground.current.map(carried) },
  });
  const { window, messages } = withinHold(fitted, promptBound, (shown) =>
    buildPrompt({ ...voice, messages: windowMessages(shown) }),
  );
  return {
    messages,
    maxOutputTokens: window.budget.outputReserve,
    audit: windowToAudit(agent.model_alias, window),
    rejected: window.rejected,
  };
}

export function voiceOf(
  room: TurnPlan["room"],
  agent: Pick<PlannedAgent, "key" | "name" | "role_prompt">,
): PromptVoice {
  return {
    self: { key: agent.key, name: agent.name },
    roomName: room.name,
    roomGoal: room.goal,
    rolePrompt: agent.role_prompt,
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

export function toWindowMessage({ id, text, tokens, is_pinned, ...message }: SaidMessage): WindowMessage {
  const whole = { groupId: null, privateTo: null, shortened: null };
  return { id, text, tokens, isPinned: is_pinned, author: toAuthor(message), ...whole };
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
