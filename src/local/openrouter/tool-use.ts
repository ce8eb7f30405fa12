import type { Conversation } from "./conversation.ts";
import type { Sense } from "./place.ts";
import { schemaInstance } from "./schema-instance.ts";
import { createSense } from "./sense.ts";
import { stableNumber } from "./stable-hash.ts";
import { findTopics } from "./topics.ts";
import type { ChatRequest, Tool, ToolCall } from "./wire.ts";

const OPERAND = String.raw`\(?-?\d{1,15}(?:[.,]\d{1,15})?%?\)?`;
const ARITHMETIC = new RegExp(String.raw`${OPERAND}(?:\s{0,3}(?:\*\*|[-+*/×÷^])\s{0,3}${OPERAND}){1,20}`, "u");
const PLACE = /\b(?:in|at|for)\s+(\p{Lu}[\p{L}'-]{1,40}(?:\s\p{Lu}[\p{L}'-]{1,40}){0,2})/u;
const URL_IN_TEXT = /https?:\/\/[^\s<>"')]{1,500}/u;

/** The tools that a helpful model would call now; none once a tool has answered. */
export function chooseToolCalls(request: ChatRequest, conversation: Conversation): ToolCall[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice ?? "auto";
  if (tools.length === 0 || choice === "none") return [];
  if (typeof choice === "object")
    return tools.filter((tool) => tool.function.name === choice.function.name).map(toCall);
  if (conversation.toolResults.length > 0) return [];
  const useful = tools.filter((tool) => isUseful(tool, conversation.question));
  if (useful.length > 0) return useful.slice(0, 3).map(toCall);
  return choice === "required" ? tools.slice(0, 1).map(toCall) : [];

  function toCall(tool: Tool): ToolCall {
    const { name, parameters } = tool.function;
    const argumentsValue = schemaInstance(parameters ?? { type: "object" }, argumentSense(conversation));
    const id = stableNumber(name, conversation.question, String(request.messages.length)).toString(36);
    return { id: `call_${id}`, type: "function", function: { name, arguments: JSON.stringify(argumentsValue) } };
  }
}

export function findArithmetic(text: string): string | undefined {
  return ARITHMETIC.exec(text.slice(0, 20_000))?.[0].trim();
}

function isUseful(tool: Tool, question: string): boolean {
  const { name, description } = tool.function;
  const spoken = name.replaceAll(/[_-]+/gu, " ").toLowerCase();
  const asked = question.toLowerCase();
  if (asked.includes(name.toLowerCase()) || asked.includes(spoken)) return true;
  const purpose = `${spoken} ${description ?? ""}`.toLowerCase();
  if (/calculat|arithmetic|math/u.test(purpose)) return findArithmetic(question) !== undefined;
  if (/search|look ?up|browse/u.test(purpose)) return /\b(?:search|look up|find out|latest|news)\b/u.test(asked);
  if (/fetch|url|web ?page|http/u.test(purpose)) return URL_IN_TEXT.test(question);
  if (/\b(?:time|clock|date)\b/u.test(spoken))
    return /\b(?:what time|what date|today|current time|right now)\b/u.test(asked);
  return contentWords(spoken).some((word) => asked.includes(word));
}

function contentWords(name: string): string[] {
  return name.split(" ").filter((word) => word.length > 4 && !/^(?:search|fetch|query|lookup|tools?)$/u.test(word));
}

function argumentSense(conversation: Conversation): Sense {
  const sense = createSense(conversation);
  const { question } = conversation;
  return {
    ...sense,
    words(path, index) {
      const name = path.at(-1) ?? "";
      if (/expr|formula|equation|calc|math|^input$/iu.test(name)) return findArithmetic(question) ?? question;
      if (/url|link|uri/iu.test(name)) return URL_IN_TEXT.exec(question)?.[0] ?? "https://example.com/";
      if (/city|place|location|country|region/iu.test(name)) return PLACE.exec(question)?.[1] ?? "London";
      if (/query|search|term|keyword|^q$/iu.test(name)) return findTopics(question).topic;
      return sense.words(path, index);
    },
    quantity(path, index, bounds) {
      const numbers = [...question.matchAll(/-?\d{1,15}(?:\.\d{1,10})?/gu)].map(([text]) => Number(text));
      return numbers[index + positionOf(path)] ?? sense.quantity(path, index, bounds);
    },
  };
}

/** Two operands named a and b, or left and right, take the first and the second number. */
function positionOf(path: readonly string[]): number {
  return /^(?:b|y|right|second|to|divisor)$/iu.test(path.at(-1) ?? "") ? 1 : 0;
}
