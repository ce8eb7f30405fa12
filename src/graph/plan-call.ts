import { parseArguments } from "../domain/tools/parse-arguments.ts";
import type { ToolStatus } from "../domain/tools/result.ts";
import { maxToolCalls, type ToolArguments } from "../domain/tools/tool.ts";
import type { AgentTool, AwaitedCall, Decision, PendingCall } from "./agent-tool.ts";

/** What can be done about a call at once. */
export type CallPlan =
  | { readonly kind: "run"; readonly tool: AgentTool; readonly given: ToolArguments }
  | { readonly kind: "answer"; readonly status: Exclude<ToolStatus, "ok">; readonly text: string };

type Undecided = { readonly kind: "await"; readonly given: ToolArguments };

export interface Permissions {
  readonly tools: readonly AgentTool[];
  readonly approvals: Readonly<Record<string, Decision>>;
}

export interface SortedCalls {
  readonly next: { readonly call: PendingCall; readonly plan: CallPlan } | null;
  /** Those that a person has to decide on, when nothing else is left. */
  readonly awaited: readonly AwaitedCall[];
}

export function sortCalls(pending: readonly PendingCall[], permissions: Permissions): SortedCalls {
  const awaited: AwaitedCall[] = [];
  for (const call of pending) {
    const plan = planCall(call, permissions);
    if (plan.kind !== "await") return { next: { call, plan }, awaited: [] };
    awaited.push({ id: call.id, tool: call.name, arguments: plan.given });
  }
  return { next: null, awaited };
}

/** What happens to a call: what the model may not have is answered in words, and nothing runs. */
function planCall(call: PendingCall, { tools, approvals }: Permissions): CallPlan | Undecided {
  if (call.number > maxToolCalls)
    return answer("refused", `The limit of ${maxToolCalls} tool calls is reached. Reply now, with what you have.`);
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return answer("refused", "You have no tool of this name.");
  const parsed = parseArguments(call.arguments);
  if (parsed.kind === "invalid") return answer("failed", parsed.fault);
  const decision = Object.hasOwn(approvals, call.id) ? approvals[call.id] : undefined;
  if (decision === "denied") return answer("denied", "The user did not allow this call. Go on without it.");
  if (tool.requiresApproval && decision !== "approved") return { kind: "await", given: parsed.value };
  return { kind: "run", tool, given: parsed.value };
}

function answer(status: Exclude<ToolStatus, "ok">, text: string): CallPlan {
  return { kind: "answer", status, text };
}
