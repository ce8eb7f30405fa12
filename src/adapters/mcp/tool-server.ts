import { headOf } from "../../domain/text/utf8.ts";
import type { ToolAnswer, ToolSpec } from "../../domain/tools/tool.ts";
import type { RemoteServer, ToolListing, ToolServer } from "../../ports/tool-server.ts";
import type { UrlVerdict } from "../../ports/webhook-sender.ts";
import { converse, type Question } from "./converse.ts";
import type { Line, Reply } from "./exchange.ts";
import { paramHeaders } from "./param-headers.ts";
import { maxTools, readCursor, readToolResult, readTools } from "./read-result.ts";

export interface ToolServerConfig {
  /** By its text, then by what its name resolves to at this moment. */
  readonly checkUrl: (url: string) => Promise<UrlVerdict>;
  /** For all of a call: the check, the handshake and the answer. */
  readonly timeoutMs: number;
  /** Stands in for the global one, to see what is sent. */
  readonly fetch?: Line["fetch"];
}

const maxPages = 4;

/** Tools of remote servers over the Model Context Protocol's streamable HTTP. */
export function createToolServer(config: ToolServerConfig): ToolServer {
  return {
    list: (server) => withLine(config, server, listTools),
    async call(server, { name, parameters, callId }, given) {
      const params = { name, arguments: given, _meta: { "pantheon/call_id": callId } };
      const headers = paramHeaders(parameters, given);
      const question = { method: "tools/call", params, headers, isHarmless: false };
      return toAnswer(await withLine(config, server, (line) => converse(line, question)));
    },
  };
}

type Failed = Extract<Reply, { readonly kind: "failed" }>;

async function withLine<T>(
  { checkUrl, timeoutMs, fetch: given }: ToolServerConfig,
  server: RemoteServer,
  work: (line: Line) => Promise<T>,
): Promise<T | Failed> {
  const signal = AbortSignal.timeout(timeoutMs);
  const verdict = await checkUrl(server.url);
  if (verdict.kind === "refused") return { kind: "failed", reason: `its address ${verdict.reason}` };
  return work({ server, signal, fetch: given ?? ((url, init) => fetch(url, init)) });
}

async function listTools(line: Line): Promise<ToolListing> {
  const tools: ToolSpec[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < maxPages && tools.length < maxTools; page += 1) {
    const reply: Reply = await converse(line, pageQuestion(cursor));
    if (reply.kind !== "result") return { kind: "failed", reason: reasonOf(reply) };
    tools.push(...readTools(reply.result));
    cursor = readCursor(reply.result);
    if (cursor === null) break;
  }
  return { kind: "listed", tools: tools.slice(0, maxTools) };
}

function pageQuestion(cursor: string | null): Question {
  return { method: "tools/list", params: cursor === null ? {} : { cursor }, headers: {}, isHarmless: true };
}

function toAnswer(reply: Reply): ToolAnswer {
  if (reply.kind === "result") return readToolResult(reply.result);
  return { kind: "failed", text: `The tool's server could not be used: ${reasonOf(reply)}.` };
}

function reasonOf(reply: Exclude<Reply, { readonly kind: "result" }>): string {
  switch (reply.kind) {
    case "failed":
      return reply.reason;
    case "error":
      return `it answered with error ${reply.code}: ${headOf(reply.message.replace(/\s+/g, " "), 300)}`;
    case "status":
      return reasonOfStatus(reply.status);
  }
}

function reasonOfStatus(status: number): string {
  if (status >= 300 && status < 400) return "it redirects elsewhere, which is not followed";
  if (status === 401 || status === 403) return `it did not accept the authorization (status ${status})`;
  return `it answered with status ${status} and nothing that can be read`;
}
