import * as z from "zod";
import { createAgent } from "../../app/create-agent.ts";
import { found } from "../../app/not-found.ts";
import { etagOf, json, noContent } from "../../app/reply.ts";
import { Agent, AgentKey, CreateAgent, OrderAgents, UpdateAgent } from "../../contract/agents.ts";
import { PantheonError } from "../../contract/errors.ts";
import { RoomId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { expectedVersion, settled, withEtag } from "../etag.ts";
import { NumberListQuery } from "../list-query.ts";
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
    handle: ({ ports, caller, params, body, once }) =>
      createAgent(ports, caller, { roomId: params.room_id, input: body }, once),
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
    handle: async ({ ports, caller, params, query }) =>
      json(200, found(await ports.agents.list(caller, params.room_id, query))),
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
    handle: async ({ ports, caller, params, body }) => {
      const agents = found(await ports.agents.reorder(caller, params.room_id, body.agent_keys));
      if (agents !== "mismatch") return json(200, { data: agents });
      const message = "must name every agent of the room, each once";
      throw new PantheonError("validation_failed", "The request is not valid; see errors.", {
        errors: [{ pointer: "/agent_keys", message }],
      });
    },
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
    handle: async ({ ports, caller, params, header }) =>
      withEtag(await ports.agents.find(caller, params.room_id, params.agent_key), header),
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
      const updated = await ports.agents.update(caller, change);
      if (updated.kind === "unpriced")
        throw new PantheonError(
          "model_unavailable",
          `The model alias ${body.model_alias} has no price and cannot be used.`,
        );
      const agent = settled(updated);
      return json(200, agent, etagOf(agent));
    },
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
    handle: async ({ ports, caller, params, header }) => {
      settled(await ports.agents.remove(caller, params.room_id, params.agent_key, expectedVersion(header)));
      return noContent;
    },
  }),
];
