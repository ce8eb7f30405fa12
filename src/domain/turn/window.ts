import { type ContextAudit, windowToAudit } from "../context/audit.ts";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import { type ContextRejection, fitWindow, windowMessages } from "../context/fit-window.ts";
import type { WindowMessage, WindowTurn } from "../context/window.ts";
import { buildPrompt, type PromptMessage, systemPrompt } from "../speaker/build-prompt.ts";
import { agentOf, type TurnPlan } from "./plan.ts";

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
}

export interface PreparedCall {
  readonly messages: readonly PromptMessage[];
  readonly maxOutputTokens: number;
  readonly audit: ContextAudit;
  readonly rejected: ContextRejection | null;
}

/** What goes into one model call: the window by the rules of the context, then the prompt of the speaker. */
export function prepareCall({ plan, agentKey, turnIndex, history, current }: CallGround): PreparedCall {
  const agent = agentOf(plan, agentKey);
  const voice = {
    self: { key: agent.key, name: agent.name },
    roomName: plan.room.name,
    roomGoal: plan.room.goal,
    rolePrompt: agent.role_prompt,
  };
  const window = fitWindow({
    settings: plan.context,
    modelLimit: agent.context_limit,
    promptTokens: estimateTokens(systemPrompt(voice)),
    summary: null,
    history: toTurns(history),
    current: { turnIndex, isResolved: false, messages: current.map(toWindowMessage) },
    turnsSinceSummary: turnIndex - 1,
  });
  return {
    messages: buildPrompt({ ...voice, messages: windowMessages(window) }),
    maxOutputTokens: window.budget.outputReserve,
    audit: windowToAudit(agent.model_alias, window),
    rejected: window.rejected,
  };
}

/** How many tokens of history can matter to an agent: no more is read. */
export function windowTokens(plan: TurnPlan, agentKey: string): number {
  const { context_limit } = agentOf(plan, agentKey);
  return contextBudget({ modelLimit: context_limit, maxOutput: plan.context.maxOutputTokens }).inputBudget;
}

function toTurns(messages: readonly SaidMessage[]): readonly WindowTurn[] {
  const turns = new Map<number, WindowMessage[]>();
  for (const message of messages) {
    const said = turns.get(message.turn_index) ?? [];
    said.push(toWindowMessage(message));
    turns.set(message.turn_index, said);
  }
  return [...turns].map(([turnIndex, said]) => ({ turnIndex, isResolved: true, messages: said }));
}

function toWindowMessage({ id, text, tokens, is_pinned, ...message }: SaidMessage): WindowMessage {
  return { id, text, tokens, isPinned: is_pinned, author: toAuthor(message) };
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
