import type { RankedAnswer } from "../../contract/outcomes.ts";
import { turnNotice } from "../speaker/build-prompt.ts";
import { quoteInstruction, showSpeaker } from "../speaker/quote.ts";
import { agentOf, rosterOf, type TurnPlan } from "../turn/plan.ts";
import { outcomeOf } from "./mode.ts";
import type { PurposeRules, TaskGround } from "./purpose-rules.ts";
import { invalid } from "./read-fields.ts";

const plainWords: Pick<PurposeRules, "format" | "read" | "fallback"> = {
  format: () => null,
  read: (value) =>
    typeof value === "string" ? { kind: "read", result: null, text: value } : invalid("It must be plain words."),
  fallback: () => null,
};

/** An agent speaks; what its instruction says reaches no one else. */
export const agentPurpose: PurposeRules = { ...plainWords, task: askToSpeak };

/** The manager puts the answer together. */
export const synthesizePurpose: PurposeRules = { ...plainWords, task: askToSumUp };

function askToSpeak({ plan, step }: TaskGround): string {
  const notice = turnNotice(agentOf(plan, step.agentKey));
  return step.instruction === null ? notice : `${quoteInstruction(step.instruction)}\n\n${notice}`;
}

const sumUp =
  "Now answer the user, in plain words, from what the agents said. Where they disagree, say so and who holds what. Begin no line " +
  "with an agent's name and a colon.";

function askToSumUp({ plan, steps }: TaskGround): string {
  const outcome = outcomeOf(plan.mode, steps);
  if (outcome?.kind !== "ranking" || outcome.ballots === 0) return sumUp;
  const places = outcome.answers.map((answer) => showPlace(plan, answer)).join("\n");
  return `The agents ranked each other's answers, without knowing whose they were. The best first:\n${places}\n\n${sumUp}`;
}

function showPlace(plan: TurnPlan, { agent_key, place, is_tied, won, compared }: RankedAnswer): string {
  const agent = rosterOf(plan).find(({ key }) => key === agent_key);
  const name = agent === undefined ? agent_key : showSpeaker(agent);
  if (place === null) return `- unranked: ${name}`;
  return `${place}. ${name}: preferred in ${won} of ${compared} comparisons${is_tied ? ", tied" : ""}`;
}
