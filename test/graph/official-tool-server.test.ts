import { createMcpHandler, McpServer, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type StandIn, serve } from "../../src/local/serve.ts";
import { toolServerWith } from "./mcp-kit.ts";

let stand: StandIn | undefined;
afterEach(() => stand?.stop());

let added = 0;

function createServer(): McpServer {
  const server = new McpServer({ name: "official", version: "1.0.0" });
  const inputSchema = z.object({ a: z.number(), b: z.number() });
  server.registerTool("add", { description: "Adds two numbers.", inputSchema }, async ({ a, b }) => {
    added += 1;
    return { content: [{ type: "text", text: String(a + b) }] };
  });
  server.registerTool("fail", { description: "Fails.", inputSchema: z.object({}) }, async () => {
    throw new Error("it does not work");
  });
  return server;
}

/** One transport for each session, as servers before 2026 keep them. */
function sessionful(enableJsonResponse: boolean): (request: Request) => Promise<Response> {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return async (request) => {
    const known = transports.get(request.headers.get("mcp-session-id") ?? "");
    if (known !== undefined) return known.handleRequest(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse,
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    await createServer().connect(transport);
    return transport.handleRequest(request);
  };
}

const kinds: readonly (readonly [string, () => (request: Request) => Promise<Response>])[] = [
  ["stateless", () => createMcpHandler(createServer, { legacy: "reject" }).fetch],
  ["stateless, in streams", () => createMcpHandler(createServer, { legacy: "reject", responseMode: "sse" }).fetch],
  ["of both years", () => createMcpHandler(createServer).fetch],
  ["with sessions", () => sessionful(true)],
  ["with sessions, in streams", () => sessionful(false)],
];

describe.each(kinds)("the protocol's own server (%s)", (_, handler) => {
  test("lists its tools, is called once, and its faults are answers", async () => {
    const handle = handler();
    stand = await serve((request) => handle(request));
    const tools = toolServerWith();
    const server = { url: `${stand.url}/mcp`, authorization: null };
    const listing = await tools.list(server);
    expect(listing).toMatchObject({
      kind: "listed",
      tools: [
        { name: "add", description: "Adds two numbers.", parameters: { type: "object", required: ["a", "b"] } },
        { name: "fail" },
      ],
    });
    const call = (name: string, given: object) =>
      tools.call(server, { name, parameters: { type: "object" }, callId: "call-1" }, { ...given });
    const before = added;
    expect(await call("add", { a: 2, b: 3 })).toEqual({ kind: "ok", text: "5" });
    expect(added - before).toBe(1);
    expect(await call("fail", {})).toEqual({ kind: "failed", text: "it does not work" });
    expect(await call("add", { a: "two" })).toMatchObject({ kind: "failed", text: expect.stringMatching(/invalid/i) });
    expect(await call("absent", {})).toMatchObject({ kind: "failed", text: expect.stringMatching(/absent/) });
  });
});
