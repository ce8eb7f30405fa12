import type { Context } from "hono";
import type { NodeBindings } from "../serve.ts";
import type { RealClock } from "./clock.ts";
import type { QueueCore, QueueStats } from "./core.ts";
import type { Keyring } from "./signing-keys.ts";

export interface Services {
  readonly token: string;
  readonly core: QueueCore;
  readonly clock: RealClock;
  readonly keyring: Keyring;
  readonly requestCounts: { publish: number };
}

export interface QstashStats extends QueueStats {
  /** Publish and batch requests that were accepted, whatever the number of messages in each. */
  readonly publish_requests: number;
}

export function statsOf({ core, requestCounts }: Services): QstashStats {
  return { ...core.stats(), publish_requests: requestCounts.publish };
}

export interface QstashEnv {
  Bindings: NodeBindings;
}

export type QstashContext = Context<QstashEnv>;

export function notFound(context: QstashContext, what: string): Response {
  return context.json({ error: `${what} not found` }, 404);
}
