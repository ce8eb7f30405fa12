import { allowedOf, isAllowed } from "../../domain/tools/allow-list.ts";
import { builtInTools, runBuiltIn, type ToolInput } from "../../domain/tools/built-in.ts";
import { descriptionBudget, fittingSpecs } from "../../domain/tools/byte-budget.ts";
import { nameRemoteTools } from "../../domain/tools/remote-names.ts";
import { remoteTimeoutMs } from "../../domain/tools/remote-time.ts";
import { createMemory } from "../../domain/tools/search-memory.ts";
import type { ToolSpec } from "../../domain/tools/tool.ts";
import type { AgentTool, Decision } from "../../graph/agent-tool.ts";
import type { Log } from "../../ports/log.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { ClaimedCall } from "../../ports/steps.ts";
import type { ToolServer } from "../../ports/tool-server.ts";
import type { ClaimedToolbox, ClaimedToolServer } from "../../ports/toolbox.ts";

interface ToolboxPorts {
  readonly log: Log;
  readonly toolServer: ToolServer;
  readonly turnSettings: Pick<TurnSettings, "stepDeadlineSeconds" | "modelTimeoutSeconds">;
}

export interface Toolbox {
  readonly tools: readonly AgentTool[];
  readonly approvals: Readonly<Record<string, Decision>>;
}

const emptyToolbox: Toolbox = { tools: [], approvals: {} };

/** What the step's agent may use, and nothing else: of a remote server only what its list of allowed names has. */
export async function openToolbox(ports: ToolboxPorts, claim: ClaimedCall): Promise<Toolbox> {
  const { toolbox, plan, step } = claim;
  if (toolbox === null || step.purpose !== "agent") return emptyToolbox;
  const allowed = plan.agents.find(({ key }) => key === step.agent_key)?.tools ?? [];
  const input = toToolInput(claim, toolbox);
  const own = builtInTools.filter(({ name }) => allowed.includes(name)).map((tool) => toBuiltIn(tool, input));
  const remote = await Promise.all(
    toolbox.servers.map((server) => listRemote(ports, server, allowedOf(allowed, server.name))),
  );
  return { tools: [...own, ...remote.flat()], approvals: toApprovals(toolbox) };
}

function toBuiltIn(tool: (typeof builtInTools)[number], input: ToolInput): AgentTool {
  return {
    ...tool,
    timeoutMs: 0,
    run: async (given) => runBuiltIn(tool.name, given, input) ?? { kind: "failed", text: "There is no such tool." },
  };
}

/** Oldest first within what was said; what is private to another agent is not among it. */
function toToolInput(
  { window, messages, step }: ClaimedCall,
  { began_at, entries, earlier }: ClaimedToolbox,
): ToolInput {
  const written = entries.map(({ kind, text, author_key }) => ({ kind, text, from: author_key ?? "user" }));
  const shown = [...window.messages, ...messages].filter(
    ({ private_to }) => private_to === null || private_to === step.agent_key,
  );
  return {
    atMs: Date.parse(began_at),
    memory: createMemory([...written, ...[...earlier, ...shown].map(toRemembered)]),
  };
}

function toRemembered({ agent_key, text }: ClaimedToolbox["earlier"][number]) {
  return { kind: "message", from: agent_key ?? "user", text };
}

/** A server that does not answer takes its tools with it, not the step: the agent goes on with what it has. */
async function listRemote(
  { log, toolServer, turnSettings }: ToolboxPorts,
  server: ClaimedToolServer,
  allowed: readonly string[],
): Promise<readonly AgentTool[]> {
  if (allowed.length === 0) return [];
  const listing = await toolServer.list(server);
  if (listing.kind === "failed") {
    log.warn("tool_server_unreachable", { server: server.name, reason: listing.reason });
    return [];
  }
  const wanted = listing.tools.filter(({ name }) => isAllowed(allowed, name));
  const tools = fittingSpecs(wanted, descriptionBudget(allowed));
  if (tools.length < wanted.length)
    log.warn("tools_left_out", { server: server.name, tools: wanted.length - tools.length });
  const taken = builtInTools.map(({ name }) => name);
  const known = tools.map(({ name }) => name);
  const offeredByName = nameRemoteTools(server.name, known, taken);
  const timeoutMs = remoteTimeoutMs(turnSettings);
  return tools.map((tool) =>
    toRemote(toolServer, server, { tool, name: offeredByName.get(tool.name) ?? "", timeoutMs }),
  );
}

interface Offered {
  readonly tool: ToolSpec;
  readonly name: string;
  readonly timeoutMs: number;
}

function toRemote(toolServer: ToolServer, server: ClaimedToolServer, { tool, name, timeoutMs }: Offered): AgentTool {
  return {
    ...tool,
    name,
    requiresApproval: server.requires_approval,
    timeoutMs,
    run: (given, callId) => toolServer.call(server, { ...tool, callId }, given),
  };
}

function toApprovals({ decisions }: ClaimedToolbox): Toolbox["approvals"] {
  return Object.fromEntries(
    decisions.flatMap(({ id, decision }) => (decision === undefined ? [] : [[id, decision] as const])),
  );
}
