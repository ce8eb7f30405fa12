import * as z from "zod";
import { TurnId, WebhookDeliveryId, WebhookEndpointId } from "./ids.ts";
import { text, timestamp } from "./text.ts";
import { WebhookEventType } from "./webhook-bodies.ts";

export const maxWebhookEndpoints = 20;
const daySeconds = 86_400;

const url = text(1, 2048).meta({
  format: "uri",
  description: "https, on port 443 or one from 1024 up, to a host by its public name.",
});
const events = z
  .array(WebhookEventType)
  .max(WebhookEventType.options.length)
  .refine((list) => new Set(list).size === list.length, { message: "must not name an event twice" })
  .meta({ description: "The events to tell of; empty: all." });
const description = text(0, 500);

export const CreateWebhookEndpoint = z.strictObject({
  url,
  events: events.default([]),
  description: description.default(""),
});
export type CreateWebhookEndpoint = z.infer<typeof CreateWebhookEndpoint>;

const WebhookEndpointStatus = z.enum(["active", "disabled"]);

export const UpdateWebhookEndpoint = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.optional(),
    status: WebhookEndpointStatus.optional().meta({ description: "To switch it off, or on again." }),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateWebhookEndpoint = z.infer<typeof UpdateWebhookEndpoint>;

export const RotateWebhookSecret = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(7 * daySeconds)
    .default(daySeconds)
    .meta({ description: "How long the old secret goes on signing beside the new one." }),
});
export type RotateWebhookSecret = z.infer<typeof RotateWebhookSecret>;

export const WebhookEndpoint = z
  .object({
    id: WebhookEndpointId,
    url: z.string(),
    events: z.array(WebhookEventType),
    description: z.string(),
    status: WebhookEndpointStatus,
    disabled_reason: z
      .enum(["user", "gone", "failing"])
      .nullable()
      .meta({ description: "Who or what switched it off: you, its own 410, or days of failure." }),
    failing_since: timestamp.nullable(),
    previous_secret_expires_at: timestamp.nullable().meta({ description: "Until when the secret before signs too." }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "WebhookEndpoint" });
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

const secret = z.string().nullable().meta({ description: "Shown once: null when an idempotent request is replayed." });

export const CreatedWebhookEndpoint = WebhookEndpoint.extend({ secret }).meta({ id: "CreatedWebhookEndpoint" });
export type CreatedWebhookEndpoint = z.infer<typeof CreatedWebhookEndpoint>;

export const RotatedWebhookSecret = z
  .object({ id: WebhookEndpointId, secret, previous_secret_expires_at: timestamp })
  .meta({ id: "RotatedWebhookSecret" });
export type RotatedWebhookSecret = z.infer<typeof RotatedWebhookSecret>;

export const WebhookDeliveryStatus = z.enum(["pending", "succeeded", "failed"]);
export type WebhookDeliveryStatus = z.infer<typeof WebhookDeliveryStatus>;

/** One request to an endpoint, or why there was none. */
export const WebhookAttempt = z
  .object({
    number: z.int(),
    outcome: z.enum(["answered", "refused", "failed"]),
    response_status: z.int().nullable(),
    latency_ms: z.int().nullable(),
    response_excerpt: z.string().nullable().meta({ description: "The first KB of the answer." }),
    reason: z.string().nullable().meta({ description: "Why it was not answered, or not sent at all." }),
    created_at: timestamp,
  })
  .meta({ id: "WebhookAttempt" });
export type WebhookAttempt = z.infer<typeof WebhookAttempt>;

/** One event for one endpoint; its id is the `webhook-id` of every attempt. */
export const WebhookDelivery = z
  .object({
    id: WebhookDeliveryId,
    endpoint_id: WebhookEndpointId,
    type: z.union([WebhookEventType, z.literal("webhook.test")]),
    turn_id: TurnId.nullable(),
    seq: z.int().nullable(),
    status: WebhookDeliveryStatus,
    attempt_count: z.int(),
    last_attempt: WebhookAttempt.nullable(),
    next_attempt_at: timestamp.nullable(),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
  })
  .meta({ id: "WebhookDelivery" });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const WebhookDeliveryLog = WebhookDelivery.extend({
  attempts: z.array(WebhookAttempt).meta({ description: "The latest hundred, oldest first." }),
}).meta({ id: "WebhookDeliveryLog" });
export type WebhookDeliveryLog = z.infer<typeof WebhookDeliveryLog>;
