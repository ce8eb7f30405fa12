import type { WebhookDeliveryId, WebhookEndpointId } from "../contract/ids.ts";
import type { Caller } from "./caller.ts";
import type { OutboxMessage } from "./turns.ts";

export interface DeliveryClaimRequest {
  readonly delivery: string;
  readonly lease_seconds: number;
}

export interface ClaimedDelivery {
  /** The fence: how many attempts there were, this one included. */
  readonly number: number;
  /** Which of the schedule's attempts it is: those that we died in do not count, nor those before it was last asked for again. */
  readonly attempt: number;
  readonly url: string;
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_secret_expires_at: string | null;
  readonly failing_since: string | null;
  readonly now: string;
  readonly type: string;
  readonly event: { readonly created_at: string; readonly data: unknown };
}

export type DeliveryClaim =
  | { readonly kind: "unknown" | "over" }
  | { readonly kind: "leased"; readonly retry_after_seconds: number }
  | ({ readonly kind: "won" } & ClaimedDelivery);

export interface DeliveryCommit {
  readonly delivery: string;
  readonly number: number;
  readonly outcome: "answered" | "refused" | "failed";
  readonly response_status: number | null;
  readonly latency_ms: number | null;
  readonly excerpt: string | null;
  readonly reason: string | null;
  readonly next: "succeeded" | "retry" | "failed";
  readonly wait_seconds: number | null;
  /** Why nothing more goes to the endpoint, where that is so. */
  readonly disables: "gone" | "failing" | null;
}

export type DeliveryCommitted =
  | { readonly kind: "committed"; readonly outbox: readonly OutboxMessage[] }
  | { readonly kind: "fenced" };

export interface Redelivery {
  readonly renewed: number;
  /** When the first was made that was one too many, if there are more. */
  readonly next_since: string | null;
  readonly outbox: readonly OutboxMessage[];
}

export interface AllAgain {
  readonly endpoint: WebhookEndpointId;
  readonly since: string;
}

/** A single one, or those of an endpoint since a moment. */
export type WantedAgain = { readonly delivery: WebhookDeliveryId } | AllAgain;

export type Ping =
  | { readonly kind: "missing" | "disabled" }
  | { readonly kind: "pinged"; readonly outbox: readonly OutboxMessage[] };

export interface DeliveryStore {
  ping(caller: Caller, delivery: string, endpoint: WebhookEndpointId): Promise<Ping>;
  redeliver(caller: Caller, wanted: WantedAgain, limit: number): Promise<Redelivery>;
  claim(request: DeliveryClaimRequest): Promise<DeliveryClaim>;
  commit(commit: DeliveryCommit): Promise<DeliveryCommitted>;
}
