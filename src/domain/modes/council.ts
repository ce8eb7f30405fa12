import type { PlannedStep } from "../turn/plan.ts";
import { fixedCourse, managed, rangeOf, sideBySide } from "./course.ts";
import type { ModeGround, ModeRules } from "./mode-rules.ts";
import { rankingOutcome } from "./ranking.ts";

/** All answer unseen by each other, then each ranks the answers of the others without their names, and the manager sums up. */
export const council: ModeRules = {
  needsTags: false,
  leastAgents: 2,
  defaultRounds: 1,
  mostRounds: 1,
  mostSpeakers: null,
  ...fixedCourse(({ agentKeys }) => [planAnswers(agentKeys), planRanks(agentKeys), [planSynthesis(agentKeys)]]),
  outcome: rankingOutcome,
};

type AgentKeys = ModeGround["agentKeys"];

const answerOnYourOwn =
  "Answer the user's message on your own; you do not see the others' answers. The answers will be ranked without their " +
  "names, so do not say in yours who you are.";

function planAnswers(agentKeys: AgentKeys) {
  return sideBySide({ agentKeys, round: 1, first: 0, after: [], sees: [], instruction: answerOnYourOwn });
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
  return sideBySide(group).map((step, own) => ({ ...step, sees: answers.filter((answer) => answer !== own) }));
}

function planSynthesis({ length }: AgentKeys): PlannedStep {
  const ranks = rangeOf(length, length);
  return managed({ index: 2 * length, purpose: "synthesize", round: 1, after: ranks, sees: rangeOf(length) });
}
