import type { WebhookDeliveryId, WebhookEndpointId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type {
  UpdateWebhookEndpoint,
  WebhookDelivery,
  WebhookDeliveryLog,
  WebhookDeliveryStatus,
  WebhookEndpoint,
} from "../contract/webhooks.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

export interface NewWebhookEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
  readonly maxEndpoints: number;
}

export interface WebhookRotation {
  readonly id: WebhookEndpointId;
  readonly secret: string;
  readonly previousExpiresAt: string;
}

export interface DeliveryQuery extends ListQuery {
  readonly endpoint_id?: WebhookEndpointId | undefined;
  readonly status?: WebhookDeliveryStatus | undefined;
}

export interface WebhookStore {
  create(caller: Caller, created: NewWebhookEndpoint, result: StoredResult | null): Promise<"created" | "too_many">;
  list(caller: Caller, query: ListQuery): Promise<Page<WebhookEndpoint>>;
  find(caller: Caller, id: WebhookEndpointId): Promise<WebhookEndpoint | null>;
  update(caller: Caller, id: WebhookEndpointId, change: UpdateWebhookEndpoint): Promise<WebhookEndpoint | null>;
  /** Nothing more is sent to it; what was is still in the log. */
  remove(caller: Caller, id: WebhookEndpointId): Promise<boolean>;
  /** The secret that it replaces goes on signing until the one moment given. */
  rotate(caller: Caller, rotation: WebhookRotation, result: StoredResult | null): Promise<boolean>;
  listDeliveries(caller: Caller, query: DeliveryQuery): Promise<Page<WebhookDelivery>>;
  findDelivery(caller: Caller, id: WebhookDeliveryId): Promise<WebhookDeliveryLog | null>;
}
