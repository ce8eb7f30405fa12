import * as z from "zod";
import { pingEndpoint, sendAllAgain, sendOneAgain } from "../../app/webhooks/send-again.ts";
import { WebhookDeliveryId, WebhookEndpointId } from "../../contract/ids.ts";
import { Pinged, Redelivered, RedeliverSince } from "../../contract/redelivery.ts";
import { accepted } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const write: Access = { kind: "scope", scope: "webhooks:write" };
const endpointParams = z.strictObject({ webhook_endpoint_id: WebhookEndpointId });
const deliveryParams = z.strictObject({ webhook_delivery_id: WebhookDeliveryId });
const tag = "Webhooks";

export const deliveryRoutes = [
  defineRoute({
    method: "post",
    path: "/webhook_endpoints/:webhook_endpoint_id/test",
    operationId: "testWebhookEndpoint",
    summary: "Send a test event",
    tag,
    access: write,
    params: endpointParams,
    answers: { 202: { description: "It is on its way", schema: Pinged } },
    handle: ({ ports, caller, params }) => pingEndpoint(ports, caller, params.webhook_endpoint_id),
    render: accepted,
  }),
  defineRoute({
    method: "post",
    path: "/webhook_endpoints/:webhook_endpoint_id/redeliver",
    operationId: "redeliverSince",
    summary: "Send all of an endpoint's deliveries since a moment once more",
    tag,
    access: write,
    params: endpointParams,
    body: RedeliverSince,
    answers: { 202: { description: "How many go out again; at most 1000 at a time", schema: Redelivered } },
    handle: ({ ports, caller, params, body }) =>
      sendAllAgain(ports, caller, { endpoint: params.webhook_endpoint_id, since: body.since }),
    render: accepted,
  }),
  defineRoute({
    method: "post",
    path: "/webhook_deliveries/:webhook_delivery_id/redeliver",
    operationId: "redeliver",
    summary: "Send a delivery once more",
    tag,
    access: write,
    params: deliveryParams,
    answers: { 202: { description: "Whether it goes out again", schema: Redelivered } },
    handle: ({ ports, caller, params }) => sendOneAgain(ports, caller, params.webhook_delivery_id),
    render: accepted,
  }),
];
