import { schemaInstance } from "../schema-instance.ts";
import { stableNumber } from "../stable-hash.ts";
import type { ChatRequest, Tool, ToolCall } from "../wire.ts";
import type { Scene } from "./scene.ts";

const arithmetic = /\(?-?\d[\d.,]*\)?(?:\s*(?:\*\*|[-+*/×÷^])\s*\(?-?\d[\d.,]*\)?)+/u;
const maxCalls = 3;

/** The tools that a helpful model would call now; none once a tool has answered. */
export function chooseToolCalls(request: ChatRequest, scene: Scene): ToolCall[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice ?? "auto";
  if (choice === "none") return [];
  const call = (tool: Tool) => toCall(tool, scene);
  if (typeof choice === "object") return tools.filter((tool) => tool.function.name === choice.function.name).map(call);
  if (scene.toolResults.length > 0) return [];
  const useful = tools.filter((tool) => isUseful(tool, scene.question ?? ""));
  const chosen = useful.length === 0 && choice === "required" ? tools.slice(0, 1) : useful.slice(0, maxCalls);
  return chosen.map(call);
}

/** The question has something to reckon for a tool that takes an expression, or a longer word of the tool's name. */
function isUseful(tool: Tool, question: string): boolean {
  const { name } = tool.function;
  if (takesExpression(tool)) return findArithmetic(question) !== undefined;
  const words = name.toLowerCase().match(/[a-z]{4,}/gu) ?? [];
  return words.some((word) => question.toLowerCase().includes(word));
}

function toCall(tool: Tool, { seed, question = "" }: Scene): ToolCall {
  const { name, parameters } = tool.function;
  const subject = question.match(/\p{Lu}[\p{L}\d-]*/gu)?.at(-1) ?? question;
  const words = takesExpression(tool) ? (findArithmetic(question) ?? question) : subject;
  const value = schemaInstance(parameters ?? { type: "object" }, { seed, words: () => words });
  const id = `call_${stableNumber(name, seed).toString(36)}`;
  return { id, type: "function", function: { name, arguments: JSON.stringify(value) } };
}

function takesExpression({ function: { parameters } }: Tool): boolean {
  const properties: unknown = parameters?.properties;
  return typeof properties === "object" && properties !== null && "expression" in properties;
}

function findArithmetic(text: string): string | undefined {
  return arithmetic.exec(text.slice(0, 2_000))?.[0].trim();
}
