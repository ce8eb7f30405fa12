import * as z from "zod";
import { found } from "../../app/not-found.ts";
import { createAgent } from "../../app/rooms/create-agent.ts";
import { orderAgents } from "../../app/rooms/order-agents.ts";
import { updateAgent } from "../../app/rooms/update-agent.ts";
import { Agent, AgentKey, CreateAgent, OrderAgents, UpdateAgent } from "../../contract/agents.ts";
import { RoomId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { etagOf, expectedVersion, okWithEtag, settled, unlessKnown } from "../etag.ts";
import { NumberListQuery } from "../list-query.ts";
import { created, listed, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "rooms:read" };
const write: Access = { kind: "scope", scope: "rooms:write" };
const roomParams = z.strictObject({ room_id: RoomId });
const params = z.strictObject({ room_id: RoomId, agent_key: AgentKey });
const tag = "Agents";

export const agentRoutes = [
  defineRoute({
    method: "post",
    path: "/rooms/:room_id/agents",
    operationId: "createAgent",
    summary: "Seat an agent in a room",
    tag,
    access: write,
    params: roomParams,
    body: CreateAgent,
    isCreate: true,
    answers: { 201: { description: "The agent", schema: Agent, headers: ["Location", "ETag"] } },
    handle: ({ ports, caller, params, body, key }) =>
      createAgent(ports, caller, { roomId: params.room_id, input: body }, key),
    render: created<Agent>(({ room_id, agent_key }) => `/rooms/${room_id}/agents/${agent_key}`, etagOf),
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/agents",
    operationId: "listAgents",
    summary: "List a room's agents in their order",
    tag,
    access: read,
    params: roomParams,
    query: NumberListQuery,
    answers: { 200: { description: "A page of agents", schema: listOf(Agent) } },
    handle: async ({ ports, caller, params, query }) => found(await ports.agents.list(caller, params.room_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "put",
    path: "/rooms/:room_id/agents/order",
    operationId: "orderAgents",
    summary: "Put a room's agents in a new order",
    tag,
    access: write,
    params: roomParams,
    body: OrderAgents,
    answers: { 200: { description: "All agents in their new order", schema: z.object({ data: z.array(Agent) }) } },
    handle: ({ ports, caller, params, body }) => orderAgents(ports, caller, params.room_id, body),
    render: listed,
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/agents/:agent_key",
    operationId: "getAgent",
    summary: "Read an agent",
    tag,
    access: read,
    params,
    requestHeaders: ["If-None-Match"],
    answers: {
      200: { description: "The agent", schema: Agent, headers: ["ETag"] },
      304: { description: "Not changed" },
    },
    handle: async ({ ports, caller, params }) =>
      found(await ports.agents.find(caller, params.room_id, params.agent_key)),
    render: unlessKnown,
  }),
  defineRoute({
    method: "patch",
    path: "/rooms/:room_id/agents/:agent_key",
    operationId: "updateAgent",
    summary: "Change an agent; turns under way keep the old one",
    tag,
    access: write,
    params,
    body: UpdateAgent,
    requestHeaders: ["If-Match"],
    answers: { 200: { description: "The agent as it is now", schema: Agent, headers: ["ETag"] } },
    handle: async ({ ports, caller, params, body, header }) => {
      const change = {
        roomId: params.room_id,
        agentKey: params.agent_key,
        change: body,
        expectedVersion: expectedVersion(header),
      };
      return settled(await updateAgent(ports, caller, change));
    },
    render: okWithEtag,
  }),
  defineRoute({
    method: "delete",
    path: "/rooms/:room_id/agents/:agent_key",
    operationId: "deleteAgent",
    summary: "Take an agent's seat away; turns under way keep it",
    tag,
    access: write,
    params,
    requestHeaders: ["If-Match"],
    answers: { 204: { description: "It is gone" } },
    handle: async ({ ports, caller, params, header }) =>
      settled(await ports.agents.remove(caller, params.room_id, params.agent_key, expectedVersion(header))),
    render: noContent,
  }),
];
