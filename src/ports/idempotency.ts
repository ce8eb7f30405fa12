import type { Grant } from "../contract/admin.ts";
import type { Agent } from "../contract/agents.ts";
import type { CreatedApiKey } from "../contract/api-keys.ts";
import type { PricingVersion } from "../contract/pricing.ts";
import type { Room } from "../contract/rooms.ts";
import type { Session } from "../contract/sessions.ts";
import type { ToolServer } from "../contract/tool-servers.ts";
import type { CreatedWebhookEndpoint, RotatedWebhookSecret } from "../contract/webhooks.ts";
import type { Caller } from "./caller.ts";

/** An answer as it is kept for replays, written in the transaction of its effect. */
export interface StoredReply {
  readonly key: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expiresAt: string;
}

/** A client's name for a request that must take effect once; the fingerprint tells one request from another. */
export interface IdempotencyKey {
  readonly key: string;
  readonly fingerprint: string;
}

/** What each operation makes, as it is stored for replays: any secret in it is null. */
export interface ResultByOperation {
  readonly add_pricing_version: PricingVersion;
  readonly create_agent: Agent;
  readonly create_api_key: CreatedApiKey;
  readonly create_grant: Grant;
  readonly create_room: Room;
  readonly create_session: Session;
  readonly create_tool_server: ToolServer;
  readonly create_webhook_endpoint: CreatedWebhookEndpoint;
  readonly rotate_webhook_secret: RotatedWebhookSecret;
}

export type Operation = keyof ResultByOperation;

/** What a request made, written in the transaction of its effect. */
export interface StoredResult extends IdempotencyKey {
  readonly operation: Operation;
  readonly value: unknown;
  readonly expiresAt: string;
}

export interface IdempotencyStore {
  find(caller: Caller, key: string): Promise<StoredReply | null>;
  findResult(caller: Caller, key: string): Promise<StoredResult | null>;
}
