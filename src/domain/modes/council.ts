import type { ModeInput, ModeRules } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { fixedCourse, managed, parallelSteps, rangeOf } from "./course.ts";
import { rankingOutcome } from "./ranking.ts";

/** All answer unseen by each other, then each ranks the answers of the others without their names, and the manager sums up. */
export const council: ModeRules = {
  needsTags: false,
  needsWords: true,
  minAgents: 2,
  defaultRounds: 1,
  maxRounds: 1,
  maxSpeakers: null,
  ...fixedCourse(({ agentKeys }) => [
    planAnswers(agentKeys),
    ...(isRanked(agentKeys) ? [planRanks(agentKeys)] : []),
    [planSynthesis(agentKeys)],
  ]),
  outcome: rankingOutcome,
};

type AgentKeys = ModeInput["agentKeys"];

const answerOnYourOwn = "Answer the user's message on your own; you do not see the others' answers.";
const withoutNames = `${answerOnYourOwn} The answers will be ranked without their names, so do not say in yours who you are.`;

/** Of two, each would have one answer before it, and nothing to put in an order. */
function isRanked({ length }: AgentKeys): boolean {
  return length > 2;
}

function planAnswers(agentKeys: AgentKeys) {
  const instruction = isRanked(agentKeys) ? withoutNames : answerOnYourOwn;
  return parallelSteps({ agentKeys, round: 1, first: 0, after: [], sees: [], instruction });
}

function planRanks(agentKeys: AgentKeys): readonly PlannedStep[] {
  const answers = rangeOf(agentKeys.length);
  const group = {
    agentKeys,
    round: 1,
    first: agentKeys.length,
    after: answers,
    sees: answers,
    purpose: "rank",
  } as const;
  return parallelSteps(group).map((step, own) => ({ ...step, sees: answers.filter((answer) => answer !== own) }));
}

function planSynthesis(agentKeys: AgentKeys): PlannedStep {
  const answers = rangeOf(agentKeys.length);
  const after = isRanked(agentKeys) ? rangeOf(agentKeys.length, agentKeys.length) : answers;
  const index = 1 + Math.max(...after);
  return managed({ index, purpose: "synthesize", round: 1, after, sees: answers });
}
