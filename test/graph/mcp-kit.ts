import { createToolServer, type ToolServerConfig } from "../../src/adapters/mcp/tool-server.ts";
import { vetUrl } from "../../src/adapters/webhook/vet-url.ts";
import { type NodeBindings, type StandIn, serve } from "../../src/local/serve.ts";
import type { Resolver } from "../../src/ports/resolver.ts";
import type { ToolServer } from "../../src/ports/tool-server.ts";

export interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Received {
  readonly verb: string;
  readonly headers: Headers;
  readonly message: Message | null;
}

export type Answer = (received: Received, bindings: NodeBindings) => Response | Promise<Response>;

export interface McpStandIn extends StandIn {
  readonly received: Received[];
  answer: Answer;
}

/** A server of tools whose every answer the test decides on. */
export async function startMcp(): Promise<McpStandIn> {
  const received: Received[] = [];
  const stand = await serve(async (request, bindings) => {
    const body = await request.text();
    const message: Message | null = body === "" ? null : JSON.parse(body);
    const one = { verb: request.method, headers: request.headers, message };
    received.push(one);
    return started.answer(one, bindings);
  });
  const started: McpStandIn = { ...stand, received, answer: () => new Response(null, { status: 500 }) };
  return started;
}

const publicNames: Resolver = { resolve: async () => ({ kind: "found", addresses: ["93.184.215.14"] }) };

export function toolServerWith(changes: Partial<ToolServerConfig> = {}, isLoopbackAllowed = true): ToolServer {
  const checkUrl = (url: string) => vetUrl(url, { isLoopbackAllowed }, publicNames);
  return createToolServer({ checkUrl, timeoutMs: 10_000, ...changes });
}

export function said(text: string, more: object = {}) {
  return { content: [{ type: "text", text }], ...more };
}

export function answerOf({ message }: Received, result: unknown): Response {
  return Response.json({ jsonrpc: "2.0", id: message?.id, result });
}

export function errorOf({ message }: Received, code: number, words: string, status = 200): Response {
  return Response.json({ jsonrpc: "2.0", id: message?.id ?? null, error: { code, message: words } }, { status });
}

export function eventsOf(...messages: readonly unknown[]): Response {
  const text = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join("");
  return new Response(`: hello\n\n${text}`, { headers: { "content-type": "text/event-stream" } });
}

/** A server of 2025: nothing before a handshake, and everything in a session. */
export function inSession(answer: Answer, sessionId: string | null = "session-1", version = "2025-06-18"): Answer {
  return (one, bindings) => {
    const { verb, headers, message } = one;
    if (message?.method === "initialize") {
      const result = {
        protocolVersion: version,
        capabilities: { tools: {} },
        serverInfo: { name: "old", version: "1" },
      };
      const head = sessionId === null ? {} : { "mcp-session-id": sessionId };
      return Response.json({ jsonrpc: "2.0", id: message.id, result }, { headers: head });
    }
    const isInSession = headers.get("mcp-session-id") === sessionId && headers.get("mcp-protocol-version") === version;
    if (!isInSession) return errorOf(one, -32_000, "Bad Request: Server not initialized", 400);
    if (verb === "DELETE") return new Response(null, { status: 200 });
    return message?.id === undefined ? new Response(null, { status: 202 }) : answer(one, bindings);
  };
}
