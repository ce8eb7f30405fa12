import { remoteTimeoutMs } from "../domain/tools/remote-time.ts";
import type { Environment } from "./env.ts";
import { toTurnSettings } from "./settings.ts";

/** How long one request to each dependency may take. */
export interface Deadlines {
  readonly databaseMs: number;
  readonly dnsMs: number;
  readonly liveMs: number;
  readonly probeMs: number;
  /** The bound on a whole publish, its retry included. */
  readonly publishMs: number;
  readonly throttleMs: number;
  readonly tokenMs: number;
  readonly toolMs: number;
  readonly webhookMs: number;
}

export function toDeadlines(environment: Environment): Deadlines {
  return {
    databaseMs: 10_000,
    dnsMs: 3_000,
    liveMs: 1_000,
    probeMs: 3_000,
    publishMs: environment.PUBLISH_TIMEOUT_MS,
    throttleMs: environment.REDIS_TIMEOUT_MS,
    tokenMs: 2_000,
    toolMs: remoteTimeoutMs(toTurnSettings(environment)),
    webhookMs: 20_000,
  };
}
