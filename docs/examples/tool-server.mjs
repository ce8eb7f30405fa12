import { serve } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

/** A server of one tool, in whichever way it is spoken to, for whoever has the token. */
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "office", version: "1.0.0" });
  const inputSchema = z.object({ to: z.string().describe("Whom to invite.") });
  server.registerTool("send_invite", { description: "Sends an invitation.", inputSchema }, async ({ to }) => {
    console.error(`An invitation goes to ${to}.`);
    return { content: [{ type: "text", text: `${to} is invited.` }] };
  });
  return server;
});

const isKnown = ({ headers }) => headers.get("authorization") === `Bearer ${process.env.TOKEN}`;

serve({
  fetch: (request) => (isKnown(request) ? handler.fetch(request) : new Response(null, { status: 401 })),
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
});
