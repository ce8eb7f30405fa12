import { createAgentStore } from "./adapters/neon/agent-store.ts";
import { createApiKeyStore } from "./adapters/neon/api-key-store.ts";
import { createDatabase } from "./adapters/neon/database.ts";
import { createIdempotencyStore } from "./adapters/neon/idempotency-store.ts";
import { createDatabaseProbe, createIdentityStore } from "./adapters/neon/identity-store.ts";
import { createRoomStore } from "./adapters/neon/room-store.ts";
import { createSessionStore } from "./adapters/neon/session-store.ts";
import { createTokenVerifier } from "./adapters/supabase/token-verifier.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDigest } from "./adapters/system/digest.ts";
import { systemIds } from "./adapters/system/ids.ts";
import { systemLog } from "./adapters/system/log.ts";
import { createThrottle } from "./adapters/upstash/throttle.ts";
import type { Environment } from "./compose/env.ts";
import { createProbes } from "./compose/probes.ts";
import { parseCredits } from "./domain/money/credits.ts";
import type { Ports } from "./ports/ports.ts";
import type { Settings } from "./ports/settings.ts";

export interface Composed {
  readonly ports: Ports;
  readonly settings: Settings;
}

/** The only place where adapters meet; a test passes the ports it stands in for. */
export function compose(environment: Environment, overrides: Partial<Ports> = {}): Composed {
  const database = createDatabase({
    connectionString: environment.DATABASE_URL.reveal(),
    fetchEndpoint: environment.NEON_FETCH_ENDPOINT ?? null,
    signupGrantUnits: parseCredits(environment.SIGNUP_GRANT_CREDITS),
    timeoutMs: 10_000,
  });
  const ports: Ports = {
    agents: createAgentStore(database),
    apiKeys: createApiKeyStore(database),
    clock: systemClock,
    digest: systemDigest,
    idempotency: createIdempotencyStore(database),
    identity: createIdentityStore(database),
    ids: systemIds,
    log: systemLog,
    probes: [createDatabaseProbe(database), ...createProbes(environment)],
    rooms: createRoomStore(database),
    sessions: createSessionStore(database),
    throttle: createThrottle({
      redisUrl: environment.UPSTASH_REDIS_REST_URL,
      redisToken: environment.UPSTASH_REDIS_REST_TOKEN.reveal(),
      requestsPerMinute: environment.REQUEST_RATE_PER_MINUTE,
      timeoutMs: 300,
    }),
    tokens: createTokenVerifier({
      supabaseUrl: environment.SUPABASE_URL,
      anonKey: environment.SUPABASE_ANON_KEY.reveal(),
      clock: overrides.clock ?? systemClock,
    }),
    ...overrides,
  };
  return { ports, settings: toSettings(environment) };
}

function toSettings(environment: Environment): Settings {
  return {
    environment: environment.ENVIRONMENT,
    commit: environment.BUILD_COMMIT,
    publicBaseUrl: environment.PUBLIC_BASE_URL,
    corsAllowedOrigins: environment.CORS_ALLOWED_ORIGINS,
    adminUserIds: environment.ADMIN_USER_IDS,
  };
}
