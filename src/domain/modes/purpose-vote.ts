import type { Vote } from "../../contract/step-results.ts";
import { agentOf, type PlannedAgent, rosterOf } from "../plan/plan.ts";
import { flattenName, showSpeaker } from "../speaker/quote.ts";
import type { PurposeRules, ReadReply, TaskInput } from "./purpose-rules.ts";
import { fieldOf, findKey, invalid, reasonOf } from "./read-fields.ts";
import { strictObject } from "./strict-object.ts";

/** An agent says whose position it supports, and why, aloud. */
export const votePurpose: PurposeRules = {
  task: askToVote,
  format: (input) => {
    const keys = positionsIn(input).map(({ key }) => key);
    const choice = { type: ["string", "null"], enum: [...keys, null] };
    const properties = { reason: { type: "string" }, choice, confidence: { type: "integer" } };
    return { name: "vote", schema: strictObject(properties) };
  },
  read: readVote,
  fallback: () => ({
    result: { kind: "vote", choice: null, confidence: 0, reason: "", is_fallback: true },
    text: null,
  }),
};

function askToVote(input: TaskInput): string {
  const self = showSpeaker(agentOf(input.plan, input.step.agentKey));
  const positions = positionsIn(input).map(
    ({ key, name }) => `- choice ${key}: the position of ${showSpeaker({ key, name })}`,
  );
  return (
    `Your task now, ${self}: the debate is over, and each of you votes unseen by the others. Whose position do you support, by its ` +
    "arguments? It may be your own, and null abstains. The confidence is from 0 to 100.\n" +
    `${positions.length === 0 ? "- nobody took a position" : positions.join("\n")}\n` +
    'Reply with nothing but JSON: {"reason": "...", "choice": "...", "confidence": 50}'
  );
}

/** Of those who took one. */
function positionsIn({ plan, seen }: TaskInput): readonly PlannedAgent[] {
  const spoken = new Set(seen.filter(({ author }) => author === "agent").map(({ agent_key }) => agent_key));
  return rosterOf(plan).filter(({ key }) => spoken.has(key));
}

function readVote(value: unknown, input: TaskInput): ReadReply {
  const positions = positionsIn(input);
  const choice = fieldOf(value, "choice");
  const key = findKey(
    choice,
    positions.map((agent) => agent.key),
  );
  if (key === null && choice !== null) return invalid("The choice must be the agent_key of a position, or null.");
  const confidence = percentOf(fieldOf(value, "confidence"));
  if (confidence === null) return invalid("The confidence must be a whole number from 0 to 100.");
  const vote: Vote = { kind: "vote", choice: key, confidence, reason: reasonOf(value), is_fallback: false };
  return { kind: "read", result: vote, text: toWords(vote, positions) };
}

function percentOf(value: unknown): number | null {
  const isDigits = typeof value === "string" && /^\s*\d{1,3}\s*%?\s*$/.test(value);
  const number = isDigits ? Number.parseInt(value, 10) : value;
  if (typeof number !== "number" || !(number >= 0 && number <= 100)) return null;
  // What is between none and one of a hundred was meant as a share of one.
  return Math.round(number < 1 ? 100 * number : number);
}

/** On one line, so that no line of the reason reads as another's words. */
function toWords({ choice, confidence, reason }: Vote, positions: readonly PlannedAgent[]): string {
  const chosen = positions.find(({ key }) => key === choice);
  const said =
    chosen === undefined
      ? "I abstain."
      : `I vote for the position of ${flattenName(chosen.name)} (${chosen.key}), ${confidence} of 100 sure.`;
  return `${said} ${reason.replace(/\s+/g, " ")}`.trim();
}
