import type { Conversation } from "./conversation.ts";
import type { JsonSchema, JsonValue } from "./json-value.ts";
import { quoteOf } from "./speak.ts";
import { stableFraction, stableNumber } from "./stable-hash.ts";
import { findTopics } from "./topics.ts";

/** What the engine asks for in a form of its own: the same conversation gives the same answer. */
export function deliberate(name: string, schema: JsonSchema, conversation: Conversation): JsonValue | undefined {
  switch (name) {
    case "routing":
      return { reason: `Together they cover ${topicOf(conversation)}.`, ...assign(conversation, schema) };
    case "evaluation":
      return evaluate(conversation, schema);
    case "ranking":
      return rank(conversation);
    case "vote":
      return vote(conversation, schema);
    default:
      return undefined;
  }
}

const ASKED_AT_ONCE = 3;
const CONTINUES_ONE_IN = 3;

function evaluate(conversation: Conversation, schema: JsonSchema): JsonValue {
  const topic = topicOf(conversation);
  const isFirstRound = conversation.task.startsWith("Round 1 ");
  if (isFirstRound && stableNumber("another round", conversation.question) % CONTINUES_ONE_IN === 0)
    return {
      reason: `What was said on ${topic} leaves a point open.`,
      verdict: "continue",
      ...assign(conversation, schema),
    };
  const speakers = [...new Set(conversation.earlier.map(({ speaker }) => speaker))].join(" and ");
  return {
    reason: `${speakers || "Nobody"} said what ${topic} needs.`,
    verdict: "finish",
    assignments: [],
    order: "parallel",
  };
}

function assign(conversation: Conversation, schema: JsonSchema) {
  const { topic, aspect } = findTopics(conversation.question);
  const round = conversation.task.startsWith("Round ") ? "again, after what was said: " : "";
  const instructions = [
    `Set out the first concrete step on ${topic} and say what it depends on.`,
    `Look for the weakest assumption about ${topic} and say what would prove it wrong.`,
    `Work out what ${aspect} costs, in time and in money, and name the largest unknown.`,
  ];
  const keys = optionsIn(schema, "agent_key").slice(0, ASKED_AT_ONCE);
  const isSequence = stableNumber("in sequence", conversation.question) % 4 === 0;
  return {
    assignments: keys.map((agent_key, index) => ({ agent_key, instruction: `${round}${instructions[index] ?? ""}` })),
    order: isSequence ? "sequence" : "parallel",
  };
}

function rank(conversation: Conversation): JsonValue {
  const answers = conversation.quoted.filter(({ tag }) => tag === "answer");
  const ranked = answers.toSorted((left, right) => merit(conversation, right.text) - merit(conversation, left.text));
  const reason = `The best of them says: ${quoteOf(ranked[0]?.text ?? "nothing")}.`;
  return { reason, ranking: ranked.map(({ key }) => key ?? "") };
}

function vote(conversation: Conversation, schema: JsonSchema): JsonValue {
  const latest = new Map(conversation.quoted.map(({ key, text }) => [key ?? "", text]));
  const worth = (key: string) => merit(conversation, latest.get(key) ?? conversation.selfName ?? "");
  const choice = optionsIn(schema, "choice").toSorted((left, right) => worth(right) - worth(left))[0] ?? null;
  const confidence = 55 + Math.floor(stableFraction(conversation.selfName ?? "", conversation.question) * 40);
  return { reason: `It has the stronger arguments on ${topicOf(conversation)}.`, choice, confidence };
}

/** Mostly what all would think of it, and a little of one's own taste. */
function merit({ question, selfName }: Conversation, text: string): number {
  return 0.7 * stableFraction(question, text) + 0.3 * stableFraction(selfName ?? "", question, text);
}

function topicOf({ question }: Conversation): string {
  return findTopics(question).topic;
}

/** What a field of this name may be, wherever in the schema it is. */
function optionsIn(schema: unknown, name: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  for (const [key, value] of Object.entries(schema)) {
    const found = key === name ? enumOf(value) : [];
    const options = found.length > 0 ? found : optionsIn(value, name);
    if (options.length > 0) return options;
  }
  return [];
}

function enumOf(schema: unknown): string[] {
  const values = typeof schema === "object" && schema !== null && "enum" in schema ? schema.enum : [];
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
}
