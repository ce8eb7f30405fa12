import type { StepTrace } from "../plan/mode-rules.ts";
import { rosterOf, type StepPurpose, type TurnPlan } from "../plan/plan.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { evaluatePurpose, routePurpose } from "./purpose-manage.ts";
import { rankPurpose } from "./purpose-rank.ts";
import type { PurposeRules, TaskInput, TaskStep } from "./purpose-rules.ts";
import { votePurpose } from "./purpose-vote.ts";
import { agentPurpose, synthesizePurpose } from "./purpose-words.ts";

export type TurnPurpose = Exclude<StepPurpose, "summarize">;

export const rulesByPurpose: Readonly<Record<TurnPurpose, PurposeRules>> = {
  agent: agentPurpose,
  route: routePurpose,
  evaluate: evaluatePurpose,
  synthesize: synthesizePurpose,
  rank: rankPurpose,
  vote: votePurpose,
};

// For counts that come out with more digits than those below, and for ties.
const spareBytesPerAgent = 24;

/**
 * The most bytes that a step's task and form come to, known when the step is planned: both only name agents of the roster, and
 * they are longest when all of them have spoken, ranked and voted.
 */
export function maxTaskBytes(plan: TurnPlan, step: TaskStep & { readonly purpose: TurnPurpose }): number {
  const rules = rulesByPurpose[step.purpose];
  const input = fullInput(plan, step);
  const format = rules.format(input);
  const formBytes = format === null ? 0 : utf8Bytes(JSON.stringify(format.schema));
  return utf8Bytes(rules.task(input)) + formBytes + spareBytesPerAgent * plan.agents.length;
}

function fullInput(plan: TurnPlan, step: TaskStep): TaskInput {
  const keys = rosterOf(plan).map(({ key }) => key);
  const seen = keys.map((key) => ({ id: key, author: "agent", agent_key: key }) as const);
  const replies = keys.map((agentKey, index): StepTrace => {
    return { index, purpose: "agent", agentKey, round: 1, isDone: true, result: null };
  });
  const ranks = keys.map((agentKey, place): StepTrace => {
    const ranking = keys.filter((key) => key !== agentKey);
    const result = { kind: "ranking", ranking, reason: "", is_fallback: false } as const;
    return { index: keys.length + place, purpose: "rank", agentKey, round: 1, isDone: true, result };
  });
  const votes = keys.map((agentKey, place): StepTrace => {
    const result = { kind: "vote", choice: agentKey, confidence: 100, reason: "", is_fallback: false } as const;
    return { index: 2 * keys.length + place, purpose: "vote", agentKey, round: 1, isDone: true, result };
  });
  return { plan, step, seen, steps: [...replies, ...ranks, ...votes], seed: "" };
}
