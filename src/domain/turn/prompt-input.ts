import { labelsFor } from "../modes/anonymity.ts";
import { rulesByPurpose, type TurnPurpose } from "../modes/purpose.ts";
import type { TaskInput } from "../modes/purpose-rules.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import { agentOf, managerKey, type PlannedAgent, type PlannedStep, type TurnPlan } from "../plan/plan.ts";
import type { PromptInput, SystemPromptInput } from "../speaker/build-prompt.ts";
import type { Speaker } from "../speaker/quote.ts";
import { responseForm, responseTask } from "./response-form.ts";
import type { SaidMessage } from "./said.ts";

/** What is asked in a call, and of whom. */
export interface TaskOfCall {
  readonly plan: TurnPlan;
  readonly step: Pick<PlannedStep, "index" | "purpose" | "agentKey" | "round" | "instruction">;
  /** The turn's id. */
  readonly seed: string;
  /** The user's message and what the agent may see of this turn. */
  readonly current: readonly SaidMessage[];
  /** The turn's steps so far. */
  readonly steps: readonly StepTrace[];
}

/** All of a prompt but the messages that go into it. */
export function promptInputOf(input: TaskOfCall): Omit<PromptInput, "messages"> & { readonly task: string } {
  const { plan, step } = input;
  const task = toTask(input);
  const words = rulesByPurpose[purposeOf(step)].task(task);
  const form = responseForm(plan, step);
  const asked = form === null ? words : `${words}\n\n${responseTask(form)}`;
  return { ...systemPromptInput(plan, agentOf(plan, step.agentKey)), task: asked, labelById: labelsFor(task) };
}

export function systemPromptInput(
  plan: Pick<TurnPlan, "room"> & { readonly agents: readonly Speaker[] },
  agent: Pick<PlannedAgent, "key" | "name" | "role_prompt" | "tools">,
): SystemPromptInput {
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

export function toTask({ plan, step, current, steps, seed }: TaskOfCall): TaskInput {
  return { plan, step, seen: current, steps, seed };
}

export function purposeOf({ purpose }: Pick<PlannedStep, "purpose">): TurnPurpose {
  if (purpose === "summarize") throw new Error("a summary has no window");
  return purpose;
}
