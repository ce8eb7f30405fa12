import { builtInTools, runBuiltIn } from "../../src/domain/tools/built-in.ts";
import { createMemory } from "../../src/domain/tools/search-memory.ts";
import type { ToolAnswer, ToolArguments } from "../../src/domain/tools/tool.ts";
import type { AgentTool } from "../../src/graph/agent-tool.ts";
import type { AgentResult } from "../../src/graph/run-agent.ts";

const input = { atMs: 0, memory: createMemory([{ kind: "decision", from: "Ada", text: "We ship on Friday." }]) };

export const builtIns: readonly AgentTool[] = builtInTools.map((tool) => ({
  ...tool,
  timeoutMs: 0,
  run: async (given) => runBuiltIn(tool.name, given, input) ?? { kind: "failed", text: "unknown" },
}));

export interface Mailer extends AgentTool {
  readonly sent: readonly ToolArguments[];
}

/** A tool with an effect, which is counted. */
export function mailer(changes: Partial<AgentTool> = {}, answer?: () => Promise<ToolAnswer>): Mailer {
  const sent: ToolArguments[] = [];
  return {
    name: "send_mail",
    description: "Sends a mail.",
    parameters: { type: "object", properties: { to: { type: "string" } }, required: ["to"] },
    requiresApproval: true,
    timeoutMs: 0,
    async run(given) {
      sent.push(given);
      return answer === undefined ? { kind: "ok", text: `sent to ${String(given.to)}` } : answer();
    },
    sent,
    ...changes,
  };
}

type ResultOf<Kind extends AgentResult["kind"]> = Extract<AgentResult, { readonly kind: Kind }>;

export function expectKind<Kind extends AgentResult["kind"]>(result: AgentResult, kind: Kind): ResultOf<Kind> {
  if (!isOfKind(result, kind)) throw new Error(`expected ${kind}, not ${result.kind}`);
  return result;
}

function isOfKind<Kind extends AgentResult["kind"]>(result: AgentResult, kind: Kind): result is ResultOf<Kind> {
  return result.kind === kind;
}
