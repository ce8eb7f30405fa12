import { isAllowed } from "../domain/tools/allow-list.ts";
import { builtInTools, runBuiltIn, type ToolGround } from "../domain/tools/built-in.ts";
import { nameRemoteTools } from "../domain/tools/remote-names.ts";
import type { ToolSpec } from "../domain/tools/tool.ts";
import type { SaidMessage } from "../domain/turn/said.ts";
import type { AgentTool, Decision } from "../graph/agent-tool.ts";
import type { Log } from "../ports/log.ts";
import type { ClaimedCall } from "../ports/steps.ts";
import type { ToolServer } from "../ports/tool-server.ts";
import type { ClaimedToolbox, ClaimedToolServer } from "../ports/toolbox.ts";

interface ToolboxPorts {
  readonly log: Log;
  readonly toolServer: ToolServer;
}

export interface Toolbox {
  readonly tools: readonly AgentTool[];
  readonly approvals: Readonly<Record<string, Decision>>;
}

const emptyToolbox: Toolbox = { tools: [], approvals: {} };
/** Of one call of a remote tool, its handshake included. */
const remoteTimeoutMs = 20_000;

/** What the step's agent may use, and nothing else: of a remote server only what its list of allowed names has. */
export async function openToolbox(ports: ToolboxPorts, claim: ClaimedCall): Promise<Toolbox> {
  const { toolbox, plan, step } = claim;
  if (toolbox === null || step.purpose !== "agent") return emptyToolbox;
  const allowed = plan.agents.find(({ key }) => key === step.agent_key)?.tools ?? [];
  const own = builtInTools
    .filter(({ name }) => allowed.includes(name))
    .map((tool) => toBuiltIn(tool, toGround(claim, toolbox)));
  const servers = toolbox.servers.filter(({ name }) => allowed.some((each) => each.startsWith(`${name}/`)));
  const remote = await Promise.all(servers.map((server) => listRemote(ports, server, allowed)));
  return { tools: [...own, ...remote.flat()], approvals: toApprovals(toolbox) };
}

function toBuiltIn(tool: (typeof builtInTools)[number], ground: ToolGround): AgentTool {
  return {
    ...tool,
    timeoutMs: 0,
    run: async (given) => runBuiltIn(tool.name, given, ground) ?? { kind: "failed", text: "There is no such tool." },
  };
}

function toGround({ window, messages }: ClaimedCall, { began_at, entries }: ClaimedToolbox): ToolGround {
  const written = entries.map(({ kind, text, author_key }) => ({ kind, text, from: author_key ?? "user" }));
  return { atMs: Date.parse(began_at), memory: [...written, ...[...window.messages, ...messages].map(toRemembered)] };
}

function toRemembered({ agent_key, text }: SaidMessage) {
  return { kind: "message", from: agent_key ?? "user", text };
}

/** A server that does not answer takes its tools with it, not the step: the agent goes on with what it has. */
async function listRemote(
  { log, toolServer }: ToolboxPorts,
  server: ClaimedToolServer,
  allowed: readonly string[],
): Promise<readonly AgentTool[]> {
  const listing = await toolServer.list(server);
  if (listing.kind === "failed") {
    log.warn("tool_server_unreachable", { server: server.name, reason: listing.reason });
    return [];
  }
  const tools = listing.tools.filter(({ name }) => isAllowed(allowed, server.name, name));
  const known = tools.map(({ name }) => name);
  const taken = builtInTools.map(({ name }) => name);
  const offeredByName = nameRemoteTools(server.name, known, taken);
  return tools.map((tool) => toRemote(toolServer, server, { tool, name: offeredByName.get(tool.name) ?? tool.name }));
}

interface Offered {
  readonly tool: ToolSpec;
  readonly name: string;
}

function toRemote(toolServer: ToolServer, server: ClaimedToolServer, { tool, name }: Offered): AgentTool {
  return {
    ...tool,
    name,
    requiresApproval: server.requires_approval,
    timeoutMs: remoteTimeoutMs,
    run: (given) => toolServer.call(server, tool, given),
  };
}

function toApprovals({ decisions }: ClaimedToolbox): Toolbox["approvals"] {
  return Object.fromEntries(
    decisions.flatMap(({ id, decision }) => (decision === undefined ? [] : [[id, decision] as const])),
  );
}
