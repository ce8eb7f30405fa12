import * as z from "zod";
import { found, removed } from "../../app/not-found.ts";
import { createWebhookEndpoint } from "../../app/webhooks/create-webhook-endpoint.ts";
import { rotateWebhookSecret } from "../../app/webhooks/rotate-webhook-secret.ts";
import { updateWebhookEndpoint } from "../../app/webhooks/update-webhook-endpoint.ts";
import { WebhookDeliveryId, WebhookEndpointId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import {
  CreatedWebhookEndpoint,
  CreateWebhookEndpoint,
  RotatedWebhookSecret,
  RotateWebhookSecret,
  UpdateWebhookEndpoint,
  WebhookDelivery,
  WebhookDeliveryLog,
  WebhookDeliveryStatus,
  WebhookEndpoint,
} from "../../contract/webhooks.ts";
import { IdListQuery } from "../list-query.ts";
import { created, made, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "webhooks:read" };
const write: Access = { kind: "scope", scope: "webhooks:write" };
const params = z.strictObject({ webhook_endpoint_id: WebhookEndpointId });
const tag = "Webhooks";

export const webhookRoutes = [
  defineRoute({
    method: "post",
    path: "/webhook_endpoints",
    operationId: "createWebhookEndpoint",
    summary: "Have events sent to an address; its secret is shown once",
    tag,
    access: write,
    body: CreateWebhookEndpoint,
    isCreate: true,
    answers: {
      201: { description: "The endpoint with its secret", schema: CreatedWebhookEndpoint, headers: ["Location"] },
    },
    handle: ({ ports, caller, body, key }) => createWebhookEndpoint(ports, caller, body, key),
    render: created<CreatedWebhookEndpoint>(({ id }) => `/webhook_endpoints/${id}`),
  }),
  defineRoute({
    method: "get",
    path: "/webhook_endpoints",
    operationId: "listWebhookEndpoints",
    summary: "List the webhook endpoints, newest first",
    tag,
    access: read,
    query: IdListQuery,
    answers: { 200: { description: "A page of endpoints", schema: listOf(WebhookEndpoint) } },
    handle: ({ ports, caller, query }) => ports.webhooks.list(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/webhook_endpoints/:webhook_endpoint_id",
    operationId: "getWebhookEndpoint",
    summary: "Read a webhook endpoint",
    tag,
    access: read,
    params,
    answers: { 200: { description: "The endpoint", schema: WebhookEndpoint } },
    handle: async ({ ports, caller, params }) => found(await ports.webhooks.find(caller, params.webhook_endpoint_id)),
    render: ok,
  }),
  defineRoute({
    method: "patch",
    path: "/webhook_endpoints/:webhook_endpoint_id",
    operationId: "updateWebhookEndpoint",
    summary: "Change a webhook endpoint, or switch it off and on",
    tag,
    access: write,
    params,
    body: UpdateWebhookEndpoint,
    answers: { 200: { description: "The endpoint as it is now", schema: WebhookEndpoint } },
    handle: ({ ports, caller, params, body }) =>
      updateWebhookEndpoint(ports, caller, { id: params.webhook_endpoint_id, change: body }),
    render: ok,
  }),
  defineRoute({
    method: "delete",
    path: "/webhook_endpoints/:webhook_endpoint_id",
    operationId: "deleteWebhookEndpoint",
    summary: "Delete a webhook endpoint; what was sent to it stays in the log",
    tag,
    access: write,
    params,
    answers: { 204: { description: "It is gone" } },
    handle: async ({ ports, caller, params }) =>
      removed(await ports.webhooks.remove(caller, params.webhook_endpoint_id)),
    render: noContent,
  }),
  defineRoute({
    method: "post",
    path: "/webhook_endpoints/:webhook_endpoint_id/rotate_secret",
    operationId: "rotateWebhookSecret",
    summary: "Make a new secret, shown once; the old one goes on signing beside it for a while",
    tag,
    access: write,
    params,
    body: RotateWebhookSecret,
    isBodyOptional: true,
    isCreate: true,
    answers: { 201: { description: "The new secret", schema: RotatedWebhookSecret } },
    handle: ({ ports, caller, params, body, key }) =>
      rotateWebhookSecret(ports, caller, { id: params.webhook_endpoint_id, input: body }, key),
    render: made,
  }),
  defineRoute({
    method: "get",
    path: "/webhook_deliveries",
    operationId: "listWebhookDeliveries",
    summary: "List what was and is to be sent, newest first",
    tag,
    access: read,
    query: IdListQuery.extend({
      endpoint_id: WebhookEndpointId.optional(),
      status: WebhookDeliveryStatus.optional(),
    }),
    answers: { 200: { description: "A page of deliveries", schema: listOf(WebhookDelivery) } },
    handle: ({ ports, caller, query }) => ports.webhooks.listDeliveries(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/webhook_deliveries/:webhook_delivery_id",
    operationId: "getWebhookDelivery",
    summary: "Read a delivery with its attempts",
    tag,
    access: read,
    params: z.strictObject({ webhook_delivery_id: WebhookDeliveryId }),
    answers: { 200: { description: "The delivery and what came of it", schema: WebhookDeliveryLog } },
    handle: async ({ ports, caller, params }) =>
      found(await ports.webhooks.findDelivery(caller, params.webhook_delivery_id)),
    render: ok,
  }),
];
