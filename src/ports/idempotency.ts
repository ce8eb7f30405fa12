import type { Grant } from "../contract/admin.ts";
import type { Agent } from "../contract/agents.ts";
import type { CreatedApiKey } from "../contract/api-keys.ts";
import type { PricingVersion } from "../contract/pricing.ts";
import type { Room } from "../contract/rooms.ts";
import type { Session } from "../contract/sessions.ts";
import type { ToolServer } from "../contract/tool-servers.ts";
import type { Turn } from "../contract/turns.ts";
import type { CreatedWebhookEndpoint, RotatedWebhookSecret } from "../contract/webhooks.ts";
import type { Caller } from "./caller.ts";

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
  readonly create_turn: Turn;
  readonly create_webhook_endpoint: CreatedWebhookEndpoint;
  readonly rotate_webhook_secret: RotatedWebhookSecret;
  readonly summarise_session: Turn;
}

export type Operation = keyof ResultByOperation;

/** What a request made, written in the transaction of its effect; that write alone knows the index of a turn, and fills it in. */
export interface StoredResult extends IdempotencyKey {
  readonly operation: Operation;
  readonly value: unknown;
  readonly expiresAt: string;
}

export interface IdempotencyStore {
  find(caller: Caller, key: string): Promise<StoredResult | null>;
}
