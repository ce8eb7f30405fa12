import * as z from "zod";
import { found, removed } from "../../app/not-found.ts";
import { createToolServer } from "../../app/tools/create-tool-server.ts";
import { updateToolServer } from "../../app/tools/update-tool-server.ts";
import { RoomId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { CreateToolServer, ToolServer, ToolServerName, UpdateToolServer } from "../../contract/tool-servers.ts";
import { IdListQuery } from "../list-query.ts";
import { created, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "rooms:read" };
const write: Access = { kind: "scope", scope: "rooms:write" };
const roomParams = z.strictObject({ room_id: RoomId });
const params = z.strictObject({ room_id: RoomId, tool_server_name: ToolServerName });
const tag = "Tool servers";

type Params = z.output<typeof params>;
const addressOf = ({ room_id, tool_server_name }: Params) => ({ roomId: room_id, name: tool_server_name });

export const toolServerRoutes = [
  defineRoute({
    method: "post",
    path: "/rooms/:room_id/tool_servers",
    operationId: "createToolServer",
    summary: "Give a room a server of tools, which its agents may be allowed to use",
    tag,
    access: write,
    params: roomParams,
    body: CreateToolServer,
    isCreate: true,
    answers: { 201: { description: "The server", schema: ToolServer, headers: ["Location"] } },
    handle: ({ ports, caller, params, body, key }) =>
      createToolServer(ports, caller, { roomId: params.room_id, input: body }, key),
    render: created<ToolServer>(({ room_id, name }) => `/rooms/${room_id}/tool_servers/${name}`),
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/tool_servers",
    operationId: "listToolServers",
    summary: "List a room's tool servers, newest first",
    tag,
    access: read,
    params: roomParams,
    query: IdListQuery,
    answers: { 200: { description: "A page of servers", schema: listOf(ToolServer) } },
    handle: async ({ ports, caller, params, query }) =>
      found(await ports.toolServers.list(caller, params.room_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/tool_servers/:tool_server_name",
    operationId: "getToolServer",
    summary: "Read a tool server",
    tag,
    access: read,
    params,
    answers: { 200: { description: "The server", schema: ToolServer } },
    handle: async ({ ports, caller, params }) => found(await ports.toolServers.find(caller, addressOf(params))),
    render: ok,
  }),
  defineRoute({
    method: "patch",
    path: "/rooms/:room_id/tool_servers/:tool_server_name",
    operationId: "updateToolServer",
    summary: "Change a tool server; what is called from now on meets the new one",
    tag,
    access: write,
    params,
    body: UpdateToolServer,
    answers: { 200: { description: "The server as it is now", schema: ToolServer } },
    handle: ({ ports, caller, params, body }) => updateToolServer(ports, caller, addressOf(params), body),
    render: ok,
  }),
  defineRoute({
    method: "delete",
    path: "/rooms/:room_id/tool_servers/:tool_server_name",
    operationId: "deleteToolServer",
    summary: "Take a tool server away; no agent can use its tools any more",
    tag,
    access: write,
    params,
    answers: { 204: { description: "It is gone" } },
    handle: async ({ ports, caller, params }) => removed(await ports.toolServers.remove(caller, addressOf(params))),
    render: noContent,
  }),
];
